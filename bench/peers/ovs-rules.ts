import type { ActionText } from '../../src/model/action.js';
import type { FlowText } from '../../src/model/flow.js';
import type { GroupText } from '../../src/model/group.js';
import { matchFields, type MatchText } from '../../src/model/match.js';
import type { BandMeterText } from '../../src/model/meter.js';
import { formatOfctl } from '../../src/flow/syntax/ofctl.js';

/** OpenFlow port numbers by name: a flow may be there before its port is. */
export type PortNumbers = ReadonlyMap<string, number>;

/** A flow as lines for `ovs-ofctl add-flows`; several where it has ranges of ports, which Open vSwitch must be told as masks. */
export const ovsFlows = (flow: FlowText, numbers: PortNumbers): string[] =>
  expandRanges(flow.match ?? {}).map((match) =>
    continued(
      formatOfctl({
        ...flow,
        match: match.in_port === undefined ? match : { ...match, in_port: portOf(match.in_port, numbers) },
        actions: flow.actions.map((action) => numbered(action, numbers)),
      }),
    ),
  );

/** Only a table of the `ct` itself sees what that found. */
const continued = (line: string): string =>
  line.replace(/\bct(?:\((.*)\))?,goto_table:(\d+)$/, (_, parts: string | undefined, table: string) =>
    parts === undefined ? `ct(table=${table})` : `ct(${parts},table=${table})`,
  );

const portOf = (port: string | number, numbers: PortNumbers): string | number => numbers.get(String(port)) ?? port;

const numbered = (action: ActionText, numbers: PortNumbers): ActionText =>
  action.type === 'output' ? { ...action, port: portOf(action.port, numbers) } : action;

const rangeFields = matchFields.flatMap((field) => ('ranges' in field ? [field.name] : []));

/** The same matches with each `low-high` as the masks that make it up. */
export function expandRanges(match: MatchText): MatchText[] {
  const field = rangeFields.find((name) => /^\d+-\d+$/.test(String(match[name])));
  if (!field) return [match];
  const [low = NaN, high = NaN] = String(match[field]).split('-').map(Number);
  return rangeMasks(low, high).flatMap((value) => expandRanges({ ...match, [field]: value }));
}

/** The fewest prefixes of 16 bits that make up a range, as `value/mask`. */
export function rangeMasks(low: number, high: number): string[] {
  const masks: string[] = [];
  for (let at = low; at <= high;) {
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 - 1 <= high) size *= 2;
    masks.push(`0x${at.toString(16)}/0x${(0x10000 - size).toString(16)}`);
    at += size;
  }
  return masks;
}

/** For `ovs-ofctl add-group`. */
export function ovsGroup({ group, type, buckets }: GroupText, numbers: PortNumbers): string {
  const words = buckets.map(({ weight, actions }) => {
    const [, list] = formatOfctl({ actions: actions.map((action) => numbered(action, numbers)) }).split('actions=');
    return `bucket=${weight === undefined ? '' : `weight:${weight},`}actions=${list ?? ''}`;
  });
  return [`group_id=${group}`, `type=${type}`, ...words].join(',');
}

/** For `ovs-ofctl add-meter`. */
export const ovsMeter = ({ meter, unit, bands }: BandMeterText): string =>
  `meter=${meter},${unit},bands=${bands.map(({ type, rate }) => `type=${type},rate=${rate}`).join(',')}`;
