import { parseOfctl } from '../flow/syntax/ofctl.js';
import { parseMatch } from '../flow/syntax/match-text.js';
import { formatField } from '../flow/syntax/value.js';
import type { Topology } from '../flow/topology.js';
import { VswitchError, type Fault } from '../model/errors.js';
import { rankOf, type InstalledFlow } from '../model/flow.js';
import type { PortNumber } from '../model/ids.js';
import { fieldOf, fullMask, type FieldName, type Match } from '../model/match.js';
import { stages } from '../model/usage.js';
import type { ProbePacket, ProbeResult, ProbeStep } from '../switch/types.js';
import { answerOf, type Answer } from './answer.js';
import { composePacket } from './compose.js';

/** What trace needs to know of the switch's flows. */
export interface TracedFlows {
  readonly topology: Topology;
  list(): readonly InstalledFlow[];
  ofRule(rule: number): InstalledFlow | undefined;
}

type Value = string | number;

/** A table on a packet's way. */
export interface TraceStep {
  readonly table: number;
  /** Null for a miss. */
  readonly flow: InstalledFlow | null;
  /** What the table was asked. */
  readonly fields: Readonly<Record<string, Value>>;
  /** What differs from the table before. */
  readonly changed: Readonly<Record<string, readonly [before: Value | null, after: Value | null]>>;
  /** Flows of a higher rank that did not match, and the first field that says so. */
  readonly passed: readonly {
    readonly flow: InstalledFlow;
    readonly field: string;
    readonly wants: Value;
    readonly found: Value | null;
  }[];
}

export interface Trace extends Omit<Answer, 'rules'> {
  readonly in_port: string | number;
  readonly packet: string;
  readonly tenant: string | null;
  readonly steps: readonly TraceStep[];
  readonly cycles: Readonly<Record<string, number>>;
}

/** How many flows a step says of why they did not match. */
const toldFlows = 5;

export function traceOf(packet: ProbePacket, result: ProbeResult, flows: TracedFlows): Trace {
  const { topology } = flows;
  const names = { port: (number: PortNumber) => topology.portByNumber.get(number)?.name ?? number, flow: () => undefined };
  const { out, drop } = answerOf(result, names);
  const tenant = topology.tenants.find(({ slot }) => slot === result.slot)?.name ?? null;
  return {
    in_port: names.port(packet.inPort),
    packet: Buffer.from(packet.bytes).toString('hex'),
    tenant,
    steps: result.steps.map((step, i) => stepOf(step, result.steps[i - 1], tenant, flows)),
    out,
    drop,
    cycles: Object.fromEntries(stages.map((stage, i) => [stage, Number(result.cycles[i] ?? 0n)])),
  };
}

function stepOf(step: ProbeStep, before: ProbeStep | undefined, tenant: string | null, flows: TracedFlows): TraceStep {
  const text = (fields: ReadonlyMap<FieldName, bigint>, name: FieldName): Value | null => {
    const value = fields.get(name);
    return value === undefined ? null : valueText(name, value, flows.topology);
  };
  const names = new Set([...(before?.fields.keys() ?? []), ...(before ? step.fields.keys() : [])]);
  const changed = [...names].filter((name) => before?.fields.get(name) !== step.fields.get(name));
  const flow = (step.rule === undefined ? undefined : flows.ofRule(step.rule)) ?? null;
  return {
    table: step.table,
    flow,
    fields: Object.fromEntries([...step.fields].map(([name, value]) => [name, valueText(name, value, flows.topology)])),
    changed: Object.fromEntries(
      changed.map((name) => [name, [before ? text(before.fields, name) : null, text(step.fields, name)] as const]),
    ),
    passed: higherFlows(step.table, flow, tenant, flows)
      .flatMap((other) => {
        const field = firstDifference(other.match, step.fields);
        if (!field) return [];
        const wants = formatField(field, other.match.get(field) ?? { value: 0n, mask: 0n }, flows.topology);
        return [{ flow: other, field, wants, found: text(step.fields, field) }];
      })
      .slice(0, toldFlows),
  };
}

const rankOfFlow = ({ band, priority }: InstalledFlow): number => rankOf(band, priority);

/** Of those that the tenant's packets can meet, nearest first. */
function higherFlows(table: number, hit: InstalledFlow | null, tenant: string | null, flows: TracedFlows): InstalledFlow[] {
  const lowest = hit ? rankOfFlow(hit) : -1;
  return flows
    .list()
    .filter(({ owner }) => owner.kind === 'operator' || owner.tenant === tenant)
    .filter((flow) => flow.table === table && flow !== hit && rankOfFlow(flow) >= lowest)
    .sort((a, b) => rankOfFlow(a) - rankOfFlow(b));
}

function firstDifference(match: Match, fields: ReadonlyMap<FieldName, bigint>): FieldName | undefined {
  for (const [name, { value, mask, high }] of match) {
    const bits = fields.get(name);
    if (bits === undefined) return name;
    if (high === undefined ? (bits & mask) !== value : bits < value || bits > high) return name;
  }
  return undefined;
}

const valueText = (name: FieldName, value: bigint, topology: Topology): Value =>
  formatField(name, { value, mask: fullMask(fieldOf(name).spec.bits) }, topology);

/**
 * A packet from a list of fields in the words of ovs-appctl ofproto/trace: `in_port=p1,tcp,nw_src=10.0.0.1,tp_dst=80`.
 * @throws VswitchError REQUEST_INVALID or FLOW_INVALID with a fault for each word.
 */
export function packetOfFields(fields: string, topology: Topology): ProbePacket {
  const faults: Fault[] = [];
  const match = parseMatch(parseOfctl(`${fields},actions=drop`).match ?? {}, topology, '', faults);
  const inPort = match.get('in_port')?.value;
  if (inPort === undefined && faults.length === 0)
    faults.push({ pointer: '/in_port', message: 'the packet comes in at no port', remedy: 'add in_port=PORT' });
  if (inPort === undefined || faults.length > 0) throw new VswitchError('REQUEST_INVALID', 'the fields have faults', faults);
  return { inPort: Number(inPort) as PortNumber, bytes: composePacket(match) };
}
