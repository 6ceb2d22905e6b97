import type { RecordCounters, RecordFlag, RecordKind, UsageRecord } from '../model/usage-record.js';

/** A record before it has its place in the ledger. */
export type NewRecord = Omit<UsageRecord, 'sequence'>;

/** The records of one subject as one. */
interface Sum {
  readonly kind: RecordKind;
  readonly tenant: string | null;
  readonly fromMs: number;
  toMs: number;
  durationMs: number;
  readonly flags: Set<RecordFlag>;
  readonly counters: Record<string, bigint>;
}

/** Sums records, subject by subject. */
export class Sums {
  readonly #bySubject = new Map<string, Sum>();

  add({ kind, tenant, fromMs, toMs, durationMs, flags, counters }: UsageRecord): void {
    const key = subjectOf({ kind, tenant });
    const sum = this.#bySubject.get(key);
    if (!sum) {
      this.#bySubject.set(key, { kind, tenant, fromMs, toMs, durationMs, flags: new Set(flags), counters: { ...counters } });
      return;
    }
    sum.toMs = Math.max(sum.toMs, toMs);
    sum.durationMs += durationMs;
    for (const flag of flags) sum.flags.add(flag);
    for (const [name, value] of Object.entries(counters)) sum.counters[name] = (sum.counters[name] ?? 0n) + value;
  }

  of(subject: Pick<UsageRecord, 'kind' | 'tenant'>): RecordCounters {
    return this.#bySubject.get(subjectOf(subject))?.counters ?? {};
  }

  get size(): number {
    return this.#bySubject.size;
  }

  /** The uplink's first, as in every interval. */
  *records(common: Pick<UsageRecord, 'resolution' | 'instance' | 'bootId' | 'interval' | 'tscHz'>): Generator<NewRecord> {
    const ordered = [...this.#bySubject.values()].sort((a, b) => (a.kind === 'uplink' ? -1 : 0) - (b.kind === 'uplink' ? -1 : 0));
    for (const { flags, ...sum } of ordered) yield { ...common, ...sum, flags: [...flags].sort(), note: null };
  }
}

const subjectOf = ({ kind, tenant }: Pick<UsageRecord, 'kind' | 'tenant'>): string => `${kind} ${tenant ?? ''}`;

export function sameCounters(a: RecordCounters, b: RecordCounters): boolean {
  return [...Object.keys(a), ...Object.keys(b)].every((name) => (a[name] ?? 0n) === (b[name] ?? 0n));
}
