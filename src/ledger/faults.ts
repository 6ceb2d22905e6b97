import type { LedgerFault } from '../model/usage-record.js';

/** By the beginning of SQLite's result code, or by errno. */
const faultOfCode: readonly (readonly [prefix: string, fault: LedgerFault])[] = [
  ['SQLITE_FULL', 'disk_full'],
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['SQLITE_READONLY', 'read_only'],
  ['EROFS', 'read_only'],
  ['SQLITE_BUSY', 'in_use'],
  ['SQLITE_LOCKED', 'in_use'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_CANTOPEN', 'no_access'],
  ['SQLITE_PERM', 'no_access'],
  ['SQLITE_AUTH', 'no_access'],
  ['EACCES', 'no_access'],
  ['EPERM', 'no_access'],
  ['ENOTDIR', 'no_access'],
  ['EISDIR', 'no_access'],
];

/** What to do about each. */
export const faultRemedies: Readonly<Record<LedgerFault, string>> = {
  disk_full: 'make room on the disk; nothing is lost meanwhile while the switch runs',
  read_only:
    'mount the disk for writing, or set accounting.ledger.path to another; nothing is lost meanwhile while the switch runs',
  no_access: 'make its directory one that this user can write to, or set accounting.ledger.path to another',
  in_use: 'end the other switch, or set accounting.ledger.path to another file',
  corrupt: 'look at the file that was moved aside with `vswitch usage verify`',
  foreign: 'set accounting.ledger.path to another file, or move this one away',
  io: 'look at the disk: the kernel’s log says more; nothing is lost meanwhile while the switch runs',
  thread_ended: 'it is started again; the log says why it ended',
};

/** A fault that the ledger itself finds, not SQLite. */
export class LedgerError extends Error {
  readonly fault: LedgerFault;

  constructor(fault: LedgerFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

export function faultOf(error: unknown): LedgerFault {
  if (error instanceof LedgerError) return error.fault;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return faultOfCode.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'io';
}
