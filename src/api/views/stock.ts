import { formatMeter } from '../../flow/syntax/meter-text.js';
import type { Kept } from '../../flow/kept.js';
import type { Group } from '../../model/group.js';
import type { Meter } from '../../model/meter.js';
import type { ApiContext } from '../context.js';
import type { GroupView, MeterView } from '../schemas/stock.js';

/** Groups as they are written, with their owners and counters. */
export function groupViews({ flows, textOfGroup }: ApiContext, list: readonly Kept<Group>[]): GroupView[] {
  const counters = flows.groups.counters(list);
  return list.map(({ owner, value }, i) => {
    const { packets, bytes } = counters[i] ?? { packets: 0n, bytes: 0n };
    return { owner, group: textOfGroup(value), packets, bytes };
  });
}

/** The same of meters. */
export function meterViews({ flows }: ApiContext, list: readonly Kept<Meter>[]): MeterView[] {
  const counters = flows.meters.counters(list);
  const none = { packets: 0n, bytes: 0n, green: 0n, yellow: 0n, red: 0n };
  return list.map(({ owner, value }, i) => ({ owner, meter: formatMeter(value), ...(counters[i] ?? none) }));
}
