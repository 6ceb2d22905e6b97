import { VswitchError } from '../model/errors.js';
import type { BillingSource } from '../pricing/billing.js';
import { sha256 } from '../pricing/canonical.js';
import { bookOf } from '../pricing/tariff.js';
import { answerBill, type BillAnswers, type BillRequest, type FileRequest } from './bill-desk.js';
import { faultOf, faultRemedies } from './faults.js';
import { openForReading } from './open.js';

/** Asks a ledger's file, wherever it is. */
type AskFile = <R extends FileRequest>(request: R) => Promise<BillAnswers[R['ask']]>;
/** Asks a ledger that is being written. */
export type AskLedger = <R extends BillRequest>(request: R) => Promise<BillAnswers[R['ask']]>;

/** What bills are made of, from a ledger. @throws VswitchError LEDGER_UNREADABLE */
export const billingSource = (ask: AskFile): BillingSource => ({
  tenants: () => ask({ ask: 'tenants' }),
  slices: (tenant, period) => ask({ ask: 'slices', tenant, period }),
  origin: (tenant, period) => ask({ ask: 'origin', tenant, period }),
  books: async () => {
    const rows = await ask({ ask: 'tariffs' });
    return rows.map(({ sinceMs, hash, text }) => {
      if (sha256(text) !== hash) throw changed(hash);
      return { sinceMs, book: bookOf(text) };
    });
  },
});

function changed(hash: string): VswitchError {
  const message = `the tariffs ${hash.slice(0, 16)}… in the ledger were changed`;
  const remedy = 'use a copy of the ledger from before the change';
  return new VswitchError('LEDGER_UNREADABLE', message, [{ pointer: '', value: hash, message, remedy }]);
}

/** A ledger file on whatever machine, whether or not a switch writes it. */
export interface LedgerFile {
  readonly source: BillingSource;
  close(): void;
}

/** @throws VswitchError LEDGER_UNREADABLE */
export function openLedgerFile(path: string): LedgerFile {
  const db = readable(path, () => openForReading(path));
  const source = billingSource(async (request) => readable(path, () => answerBill(db, request)));
  return { source, close: () => db.close() };
}

function readable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const fault = { pointer: '', value: path, message, remedy: remedyOf(error) };
    throw new VswitchError('LEDGER_UNREADABLE', `the ledger ${path} cannot be read: ${message}`, [fault], { cause: error });
  }
}

function remedyOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return 'give the path of a ledger; `vswitch usage ledger` shows it';
  const fault = faultOf(error);
  return ['foreign', 'corrupt', 'no_access'].includes(fault)
    ? 'name a file that `vswitch run` wrote, and that this user can read'
    : faultRemedies[fault];
}
