import { formatOfctl } from '../flow/syntax/ofctl.js';
import { defaultPriority, type FlowText } from '../model/flow.js';

export interface FlowChange {
  readonly sign: '+' | '-';
  /** The flow as an ovs-ofctl line. */
  readonly flow: string;
}

/**
 * What replacing `now` by `wanted` would change, in the order of table and falling priority. Both are compared as ovs-ofctl lines,
 * in which a flow has one form.
 */
export function diffFlows(now: readonly FlowText[], wanted: readonly FlowText[]): FlowChange[] {
  const before = byLine(now);
  const after = byLine(wanted);
  const gone = [...before].filter(([line]) => !after.has(line)).map(([flow, text]) => ({ sign: '-' as const, flow, text }));
  const come = [...after].filter(([line]) => !before.has(line)).map(([flow, text]) => ({ sign: '+' as const, flow, text }));
  return [...gone, ...come].sort((a, b) => compare(a.text, b.text)).map(({ sign, flow }) => ({ sign, flow }));
}

const byLine = (flows: readonly FlowText[]): Map<string, FlowText> => new Map(flows.map((flow) => [formatOfctl(flow), flow]));

const compare = (a: FlowText, b: FlowText): number =>
  (a.table ?? 0) - (b.table ?? 0) || (b.priority ?? defaultPriority) - (a.priority ?? defaultPriority);
