/** What a bill is made of. All are integers, and 0 where the ledger does not know them. */
export interface UsageTotals {
  /** TSC cycles of all stages. */
  readonly cycles: bigint;
  /** Received, without FCS. */
  readonly bytes: bigint;
  /** Received. */
  readonly packets: bigint;
  readonly memoryByteSeconds: bigint;
  readonly reservedCoreSeconds: bigint;
}

/** What a tenant used from `fromMs` until `toMs`, by the wall clock. */
export interface UsageSlice extends UsageTotals {
  readonly tenant: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** How long a record is: an interval, or the sum of the intervals that began in an hour or a day of UTC. */
export const resolutions = ['raw', 'hourly', 'daily'] as const;
export type Resolution = (typeof resolutions)[number];

/**
 * Whose a record is. `uplink`: packets of no tenant. `instance`: the workers' cycles. `roll_up` stands before the records of a roll-up
 * and says what they are the sum of; `note` tells what became of the ledger itself.
 */
export const recordKinds = ['tenant', 'uplink', 'instance', 'roll_up', 'note'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** `clock_jumped`: the wall clock does not agree with the time that passed. `late`: intervals before it could not be written. */
export const recordFlags = ['clock_jumped', 'late'] as const;
export type RecordFlag = (typeof recordFlags)[number];

/** Integers by name; one that is 0 is left out. A name that is new needs no change of the ledger. */
export type RecordCounters = Readonly<Record<string, bigint>>;

/** What `roll_up` and `note` say. */
export type LedgerNote =
  | { readonly type: 'begun'; readonly version: string; readonly follows?: string; readonly because?: string }
  /** Tariffs were recorded, with the SHA-256 of their text. */
  | { readonly type: 'tariffs'; readonly sinceMs: number; readonly hash: string }
  | { readonly type: 'rolled_up'; readonly first: number; readonly last: number; readonly lastHash: string }
  | {
      readonly type: 'dropped';
      readonly resolution: Resolution;
      readonly first: number;
      readonly last: number;
      readonly records: number;
    };

/** A record of the ledger. */
export interface UsageRecord {
  /** From 1, without gaps where nothing was dropped after its roll-up. */
  readonly sequence: number;
  readonly kind: RecordKind;
  /** Null: a note. */
  readonly resolution: Resolution | null;
  /** Null: of no tenant. */
  readonly tenant: string | null;
  readonly instance: string;
  /** The machine's boot, and a process's own part. */
  readonly bootId: string;
  /** Number of the interval in the process; of a roll-up the last one's. */
  readonly interval: number;
  /** By the wall clock. Records of a subject do not overlap. */
  readonly fromMs: number;
  readonly toMs: number;
  /** What really passed, by the monotonic clock. */
  readonly durationMs: number;
  readonly tscHz: bigint;
  readonly flags: readonly RecordFlag[];
  readonly counters: RecordCounters;
  readonly note: LedgerNote | null;
}

/** Why the ledger could not be written, as events and metrics name it. */
export const ledgerFaults = [
  'disk_full',
  'read_only',
  'no_access',
  'in_use',
  'corrupt',
  'foreign',
  'io',
  'thread_ended',
] as const;
export type LedgerFault = (typeof ledgerFaults)[number];

/** Where a ledger stands. */
export interface LedgerPosition {
  readonly sequence: number;
  /** Of the last record, in hexadecimal. */
  readonly hash: string;
  /** End of the last interval; 0 without one. */
  readonly toMs: number;
  /** Of the file, with what is not yet merged into it. */
  readonly bytes: number;
}

/** A position as it is noted down outside: `SEQUENCE:HASH`. */
export const headText = ({ sequence, hash }: Pick<LedgerPosition, 'sequence' | 'hash'>): string => `${sequence}:${hash}`;

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
