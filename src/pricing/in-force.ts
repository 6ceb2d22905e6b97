import type { Tariff, TariffBook } from '../model/tariff.js';
import { dayMs } from '../model/usage-record.js';
import { monthsOf, type Period } from './period.js';

/** A book, and when the switch was first started with it. */
export interface RecordedBook {
  readonly sinceMs: number;
  readonly book: TariffBook;
}

/** A part of a month, in which one tariff was in force throughout. */
export interface Segment extends Period {
  readonly monthMs: number;
  /** Undefined: there was none. */
  readonly tariff: Tariff | undefined;
}

/**
 * The months that a period touches, whole, cut where another tariff came into force for the tenant.
 *
 * A book holds from the day after it was recorded, the first one always: what is recorded later changes nothing that was. In a book, a
 * version holds from its effective-from until the next; where none does yet, the book before goes on. All cuts are at midnight UTC, where
 * roll-ups of the ledger have theirs.
 * @param books in the order in which they were recorded.
 */
export function segmentsOf(tenant: string, period: Period, books: readonly RecordedBook[]): Segment[] {
  const changes = books.flatMap(({ sinceMs, book }) => [
    dayAfter(sinceMs),
    ...book.tariffs.flatMap(({ effectiveFromMs }) => effectiveFromMs ?? []),
  ]);
  return monthsOf(period).flatMap(({ fromMs, toMs }) => {
    const monthMs = toMs - fromMs;
    const inside = changes.filter((atMs) => atMs > fromMs && atMs < toMs);
    const cuts = [...new Set([fromMs, ...inside])].sort((a, b) => a - b);
    const segments: Segment[] = [];
    for (const [i, cutMs] of cuts.entries()) {
      const segment = { fromMs: cutMs, toMs: cuts[i + 1] ?? toMs, monthMs, tariff: tariffAt(tenant, cutMs, books) };
      const last = segments.at(-1);
      if (last && last.tariff?.hash === segment.tariff?.hash) segments[segments.length - 1] = { ...last, toMs: segment.toMs };
      else segments.push(segment);
    }
    return segments;
  });
}

/** The tariff of a tenant at a moment. */
export function tariffAt(tenant: string, atMs: number, books: readonly RecordedBook[]): Tariff | undefined {
  const known = books.filter(({ sinceMs }, i) => i === 0 || dayAfter(sinceMs) <= atMs).reverse();
  for (const { book } of known) {
    const version = versionAt(book, tenant, atMs);
    if (version) return version;
  }
  return undefined;
}

const dayAfter = (ms: number): number => (Math.floor(ms / dayMs) + 1) * dayMs;

function versionAt({ tariffs, assigned }: TariffBook, tenant: string, atMs: number): Tariff | undefined {
  const name = assigned.get(tenant) ?? tariffs[0]?.name;
  return tariffs.findLast((tariff) => tariff.name === name && (tariff.effectiveFromMs ?? -Infinity) <= atMs);
}
