import { VswitchError } from '../model/errors.js';
import type { BillLine, Tariff } from '../model/tariff.js';
import type { UsageSlice, UsageTotals } from '../model/usage-record.js';
import { segmentsOf, type RecordedBook, type Segment } from './in-force.js';
import { minorDigits, toMinor } from './money.js';
import { monthsOf, type Period } from './period.js';
import { billSince, price, proRated } from './price.js';
import { addUsage, isNoUsage, noUsage } from './usage-sum.js';

export interface InvoiceRequest extends Period {
  readonly tenant: string;
  /** What the slices were recorded by; the invoice says it. */
  readonly origin: InvoiceOrigin;
}

export interface InvoiceOrigin {
  readonly instances: readonly string[];
  /** The last record that began before the end of the period, as `SEQUENCE:HASH`: the ledger's chain up to there; null without any. */
  readonly ledgerHead: string | null;
}

/** A part of the period in which one tariff was in force. Moments are ISO 8601 in UTC. */
export interface InvoicePart {
  readonly from: string;
  readonly to: string;
  /** Null: there was none, and nothing is charged. */
  readonly tariff: { readonly name: string; readonly effectiveFrom: string | null; readonly hash: string } | null;
  readonly usage: UsageTotals;
  readonly lines: readonly BillLine[];
  readonly subtotalMicro: bigint;
  /** What the month's minimum adds; negative where an earlier part of the month has paid it already. */
  readonly minimumMicro: bigint;
  readonly totalMicro: bigint;
}

export interface Invoice {
  readonly tenant: string;
  readonly instances: readonly string[];
  readonly ledgerHead: string | null;
  readonly period: { readonly from: string; readonly to: string };
  /** From the first record that began in the period to the end of the last; null without any. */
  readonly recorded: { readonly from: string; readonly to: string } | null;
  readonly currency: string;
  readonly usage: UsageTotals;
  readonly parts: readonly InvoicePart[];
  readonly subtotalMicro: bigint;
  readonly minimumMicro: bigint;
  readonly totalMicro: bigint;
  /** The total in the smallest unit of the currency, a half rounded up; the only rounding but that of the lines. */
  readonly totalMinor: bigint;
  /** Decimal digits of that unit: 2 for cents. */
  readonly minorDigits: number;
}

/** The time whose slices an invoice needs: the months of its period from their beginning, where tiers and allowances start anew. */
export const timeNeeded = (period: Period): Period => ({
  fromMs: monthsOf(period)[0]?.fromMs ?? period.fromMs,
  toMs: period.toMs,
});

/**
 * What a tenant's use of a period costs: a pure function of the recorded slices and of the tariffs in force.
 *
 * The cost up to a moment of a month is what the usage since the month's beginning costs, or the share of the minimum that the time
 * makes due, whichever is more. A part costs the difference between its two moments, so that parts of whatever split add up to
 * the whole, to the last digit. Where the tariff changes within a month, each part of the month is rated by itself: allowance,
 * bounds of tiers and minimum are in proportion to its time.
 *
 * A slice counts where it began, as in the ledger's roll-ups: whether intervals or the sums of their days are left changes nothing.
 * @param slices of the tenant, of `timeNeeded`, in any order; what lies outside counts nothing.
 * @throws VswitchError TARIFF_NOT_FOUND where no tariff was in force at any time; REQUEST_INVALID where there were two currencies.
 */
export function makeInvoice(request: InvoiceRequest, slices: Iterable<UsageSlice>, books: readonly RecordedBook[]): Invoice {
  const { tenant, fromMs, toMs, origin } = request;
  const spans = segmentsOf(tenant, request, books)
    .filter((segment) => segment.fromMs < toMs && segment.toMs > fromMs)
    .map((segment) => ({ segment, before: noUsage, within: noUsage }));
  let [firstMs, lastMs] = [Infinity, -Infinity];
  for (const slice of slices) {
    const span = spans.find(({ segment }) => segment.fromMs <= slice.fromMs && slice.fromMs < segment.toMs);
    if (slice.tenant !== tenant || slice.fromMs >= toMs || !span) continue;
    if (slice.fromMs < fromMs) {
      span.before = addUsage(span.before, slice);
      continue;
    }
    span.within = addUsage(span.within, slice);
    [firstMs, lastMs] = [Math.min(firstMs, slice.fromMs), Math.max(lastMs, slice.toMs)];
  }
  const parts = spans
    .map(({ segment, before, within }) => partOf(segment, request, before, within))
    .filter(({ tariff, usage }) => tariff !== null || !isNoUsage(usage));
  const currency = currencyOf(
    tenant,
    spans.flatMap(({ segment }) => segment.tariff ?? []),
  );
  const sum = (of: (part: InvoicePart) => bigint): bigint => parts.reduce((total, part) => total + of(part), 0n);
  const totalMicro = sum((part) => part.totalMicro);
  return {
    tenant,
    instances: origin.instances,
    ledgerHead: origin.ledgerHead,
    period: { from: isoOf(fromMs), to: isoOf(toMs) },
    recorded: firstMs <= lastMs ? { from: isoOf(firstMs), to: isoOf(lastMs) } : null,
    currency,
    usage: parts.reduce((total, { usage }) => addUsage(total, usage), noUsage),
    parts,
    subtotalMicro: sum((part) => part.subtotalMicro),
    minimumMicro: sum((part) => part.minimumMicro),
    totalMicro,
    totalMinor: toMinor(totalMicro, currency),
    minorDigits: minorDigits(currency),
  };
}

const isoOf = (ms: number): string => new Date(ms).toISOString();

function partOf(segment: Segment, period: Period, before: UsageTotals, usage: UsageTotals): InvoicePart {
  const [fromMs, toMs] = [Math.max(period.fromMs, segment.fromMs), Math.min(period.toMs, segment.toMs)];
  const { tariff, monthMs } = segment;
  const here = { from: isoOf(fromMs), to: isoOf(toMs), usage };
  if (!tariff) return { ...here, tariff: null, lines: [], subtotalMicro: 0n, minimumMicro: 0n, totalMicro: 0n };
  const rated = proRated(tariff, segment.toMs - segment.fromMs, monthMs);
  const [atStart, atEnd] = [price(before, rated), price(addUsage(before, usage), rated)];
  const due = (amountMicro: bigint, atMs: number): bigint => {
    const minimumMicro = (tariff.minimumMicro * BigInt(atMs - segment.fromMs)) / BigInt(monthMs);
    return amountMicro > minimumMicro ? amountMicro : minimumMicro;
  };
  const { lines, totalMicro: subtotalMicro } = billSince(atStart, atEnd);
  const totalMicro = due(atEnd.totalMicro, toMs) - due(atStart.totalMicro, fromMs);
  return { ...here, tariff: named(tariff), lines, subtotalMicro, minimumMicro: totalMicro - subtotalMicro, totalMicro };
}

const named = ({ name, effectiveFromMs, hash }: Tariff): InvoicePart['tariff'] => ({
  name,
  effectiveFrom: effectiveFromMs === undefined ? null : isoOf(effectiveFromMs),
  hash,
});

function currencyOf(tenant: string, tariffs: readonly Tariff[]): string {
  const [currency, ...others] = new Set(tariffs.map((tariff) => tariff.currency));
  if (currency === undefined) {
    const message = `no tariff was in force for ${tenant} in this period`;
    const remedy = 'choose another period; `vswitch price simulate` runs a tariff over usage that had none';
    throw new VswitchError('TARIFF_NOT_FOUND', message, [{ pointer: '', value: tenant, message, remedy }]);
  }
  if (others.length === 0) return currency;
  const message = `the period has tariffs in ${[currency, ...others].join(' and ')}`;
  const remedy = 'ask for a period on each side of the change';
  throw new VswitchError('REQUEST_INVALID', message, [{ pointer: '/query/period', message, remedy }]);
}
