import { dropReasons } from '../model/drop.js';
import { headerNames } from '../model/header.js';
import { portNumber } from '../model/ids.js';
import { fieldOf, fullMask, matchFields, type FieldName } from '../model/match.js';
import type { PortDeviceCounters } from '../model/port.js';
import { meterCounterNames, tableCounterNames } from './counters.js';
import type { NativePortState, NativeProbeResult, NativeProbeStep, NativeSwitch } from './native.js';
import type { MeterCounters, ParsedHeader, ProbeResult, ProbeStep, RuleCounters, TableCounters } from './types.js';

/** What the addon reports, as the floors above see it. */

/** Packets and bytes of each rule or group. */
export const hitsOf = (raw: BigUint64Array): RuleCounters[] =>
  Array.from({ length: raw.length / 2 }, (_, i) => ({ packets: raw[2 * i] ?? 0n, bytes: raw[2 * i + 1] ?? 0n }));

export function metersOf(raw: BigUint64Array): MeterCounters[] {
  const words = meterCounterNames.length;
  return Array.from({ length: raw.length / words }, (_, i) => {
    const [packets = 0n, bytes = 0n, green = 0n, yellow = 0n, red = 0n] = raw.subarray(i * words, (i + 1) * words);
    return { packets, bytes, green, yellow, red };
  });
}

/** By slot, then table. */
export function tablesOf(raw: BigUint64Array, tables: number): TableCounters[][] {
  const words = tableCounterNames.length;
  const all = Array.from({ length: raw.length / words }, (_, i) => {
    const at = i * words;
    return { lookups: raw[at] ?? 0n, matches: raw[at + 1] ?? 0n, timed: raw[at + 2] ?? 0n, cycles: raw[at + 3] ?? 0n };
  });
  return Array.from({ length: all.length / tables }, (_, slot) => all.slice(slot * tables, (slot + 1) * tables));
}

export const probeResultOf = ({ slot, out, steps, punted, drops, cycles }: NativeProbeResult): ProbeResult => ({
  slot,
  out: out.map(({ port, bytes }) => ({ port: portNumber(port), bytes })),
  steps: steps.map(stepOf),
  punted,
  drops: drops.flatMap((reason) => dropReasons[reason] ?? []),
  cycles: [...cycles],
});

const stepOf = ({ table, rule, fields, bytes }: NativeProbeStep): ProbeStep => ({
  table,
  rule,
  fields: fields ? fieldsOf(fields) : new Map<FieldName, bigint>(),
  bytes: bytes ?? new Uint8Array(),
});

/** The fields that a packet has by OpenFlow's prerequisites; others share their places in the key. */
function fieldsOf(words: BigUint64Array): ReadonlyMap<FieldName, bigint> {
  const all = new Map(
    matchFields.map(({ name }, i) => [name, (words[2 * i] ?? 0n) | ((words[2 * i + 1] ?? 0n) << 64n)] as const),
  );
  const has = (name: FieldName): boolean => {
    const { needs } = fieldOf(name).spec;
    return needs.length === 0 || needs.some((need) => Object.entries(need).every(([on, values]) => meets(all, on, values)));
  };
  return new Map([...all].filter(([name, value]) => has(name) && value <= fullMask(fieldOf(name).spec.bits)));
}

const meets = (all: ReadonlyMap<string, bigint>, name: string, values: readonly number[]): boolean =>
  values.some((value) => all.get(name) === BigInt(value));

export const parsedHeaderOf = ({
  port,
  header,
  rule,
}: Awaited<ReturnType<NativeSwitch['parserPlan']>>[number]): ParsedHeader => ({
  port: portNumber(port),
  header: headerNames[header] ?? 'ether_type',
  rule,
});

export function deviceCounters(state: NativePortState): PortDeviceCounters {
  const { queues, rxMissed, rxErrors, rxNoMbuf, txErrors } = state;
  const at = (i: number): bigint => queues[i] ?? 0n;
  return {
    rxMissed,
    rxErrors,
    rxNoMbuf,
    txErrors,
    queues: Array.from({ length: queues.length / 4 }, (_, q) => ({
      rxPackets: at(4 * q),
      rxBytes: at(4 * q + 1),
      txPackets: at(4 * q + 2),
      txBytes: at(4 * q + 3),
    })),
  };
}
