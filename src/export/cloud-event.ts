import { usageItems } from '../model/tariff.js';
import type { RecordCounters, UsageRecord, UsageTotals } from '../model/usage-record.js';

/** What a receiver selects its meters by. */
export const eventType = 'mts-vswitch.usage';
export const batchMediaType = 'application/cloudevents-batch+json';

/**
 * A usage record as CloudEvents 1.0 has it, in the form that OpenMeter takes. `source` and `id` are the same whenever it is sent, and
 * no other record's. Its time is that of its beginning, which decides the period that it belongs to. Integers are strings: they may be
 * larger than 2^53.
 */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: typeof eventType;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, string>>;
}

/**
 * The id is made of what no other record of the tenant has: an interval of a process of a boot. A sequence number would not do, for a
 * ledger that is begun anew counts from 1 again.
 * @returns undefined where nothing was used.
 */
export function cloudEvent({ tenant, instance, bootId, interval, fromMs, toMs, counters }: UsageRecord): CloudEvent | undefined {
  const totals = totalsOf(counters);
  if (tenant === null || usageItems.every((item) => totals[item] === 0n)) return undefined;
  const quantities = Object.fromEntries(usageItems.map((item) => [item, totals[item].toString()]));
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  return {
    specversion: '1.0',
    id: `${instance}/${bootId}/${interval}/${tenant}`,
    source: `mts-vswitch/${instance}`,
    type: eventType,
    subject: tenant,
    time: from,
    datacontenttype: 'application/json',
    data: { instance, from, to, ...quantities },
  };
}

/** As the ledger's slices have them. */
function totalsOf(counters: RecordCounters): UsageTotals {
  const stages = Object.entries(counters).filter(([name]) => name.startsWith('cycles_'));
  return {
    cycles: stages.reduce((sum, [, cycles]) => sum + cycles, 0n),
    bytes: counters['rx_bytes'] ?? 0n,
    packets: counters['rx_packets'] ?? 0n,
    memoryByteSeconds: counters['memory_byte_seconds'] ?? 0n,
    reservedCoreSeconds: counters['reserved_core_seconds'] ?? 0n,
  };
}
