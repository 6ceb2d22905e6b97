import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { defaultKeepDays, defaultLedgerIntervalS } from '../config/accounting-schema.js';
import type { VswitchConfig } from '../config/schema.js';
import type { WriterOptions } from './writer.js';

export interface LedgerOptions {
  readonly writer: WriterOptions;
  readonly intervalMs: number;
}

/** How a config's ledger is kept; undefined where it keeps none. */
export function ledgerOptions({ name, accounting }: Pick<VswitchConfig, 'name' | 'accounting'>): LedgerOptions | undefined {
  const { ledger = {} } = accounting ?? {};
  if (ledger === false) return undefined;
  return {
    writer: {
      path: ledger.path ?? defaultLedger(name),
      instance: name,
      bootId: newBootId(),
      keep: { ...defaultKeepDays, ...ledger.keep },
    },
    intervalMs: Math.round((ledger.intervalS ?? defaultLedgerIntervalS) * 1000),
  };
}

/** The ledger of an instance whose config does not name one: where systemd's StateDirectory= is, of root in /var/lib, else of XDG's state. */
export function defaultLedger(name: string, env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? 0): string {
  const [given] = (env['STATE_DIRECTORY'] ?? '').split(':');
  const state = uid === 0 ? '/var/lib' : (env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'));
  return join(given || join(state, 'mts-vswitch'), `${name}.ledger`);
}

/** The kernel's id of this boot, and a process's own part: counters begin at 0 with each. */
const newBootId = (): string =>
  `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${randomBytes(8).toString('hex')}`;
