import type { DropReason } from '../model/drop.js';
import type { InstalledFlow } from '../model/flow.js';
import type { PortNumber } from '../model/ids.js';
import { matchFields, type FieldName } from '../model/match.js';
import { stages, type Stage } from '../model/usage.js';
import type { ProbePacket, ProbeResult, ProbeStep } from '../switch/types.js';
import { dropOf } from './answer.js';
import { dissect } from './dissect.js';
import { rivalsOf, type Rivals, type TracedFlows } from './rivals.js';
import { valueText, type Fields, type Value } from './traced-fields.js';

/** What one packet met in the installed program, told with names. */
export interface Trace {
  readonly in_port: string | number;
  /** As it came in, in hex. */
  readonly packet: string;
  readonly fields: FieldTexts;
  /** Null for a packet of nobody's. */
  readonly tenant: string | null;
  readonly steps: readonly TraceStep[];
  readonly out: readonly TraceOutput[];
  /** The handlers of plugins that it would go to; what they do with it is not tried. */
  readonly punted: readonly number[];
  /** Why nothing went out; null where something did, or a plugin has it. */
  readonly drop: DropReason | null;
  /** Every copy that was lost, also where others went out. */
  readonly drops: readonly DropReason[];
  /** TSC cycles. */
  readonly cycles: Readonly<Record<Stage, number>>;
}

/** A table on the packet's way. */
export interface TraceStep extends Rivals {
  readonly table: number;
  /** Null for a miss. */
  readonly flow: InstalledFlow | null;
  /** As the packet came to the table. */
  readonly fields: FieldTexts;
  /** Since the table before. */
  readonly changed: Changes;
}

export interface TraceOutput {
  readonly port: string | number;
  readonly packet: string;
  /** Since the packet came in. */
  readonly changed: Changes;
}

export type FieldTexts = Readonly<Partial<Record<FieldName, Value>>>;
/** Null where the packet has no such field. */
export type Changes = Readonly<Partial<Record<FieldName, readonly [before: Value | null, after: Value | null]>>>;

/** @param result of a probe of the packet with `detail`, just now: rules are named by the flows that there are. */
export function traceOf(packet: ProbePacket, result: ProbeResult, flows: TracedFlows): Trace {
  const { topology } = flows;
  const nameOf = (number: PortNumber): string | number => topology.portByNumber.get(number)?.name ?? number;
  const tenant = topology.tenants.find(({ slot }) => slot === result.slot)?.name ?? null;
  const inPort: Fields = new Map([['in_port', BigInt(packet.inPort)]]);
  const came = dissect(packet.bytes);
  const { out, drops } = result;
  const text = textsIn(flows);
  return {
    in_port: nameOf(packet.inPort),
    packet: hexOf(packet.bytes),
    fields: text.fields(ordered(inPort, came)),
    tenant,
    steps: result.steps.map((step, i) => {
      const fields = fieldsAt(step);
      const before = result.steps[i - 1];
      const flow = (step.rule === undefined ? undefined : flows.ofRule(step.rule)) ?? null;
      return {
        table: step.table,
        flow,
        fields: text.fields(fields),
        changed: before ? text.changes(fieldsAt(before), fields) : {},
        ...rivalsOf({ table: step.table, hit: flow, asked: askedBy(step, fields), tenant }, flows),
      };
    }),
    out: out.map(({ port, bytes }) => ({
      port: nameOf(port),
      packet: hexOf(bytes),
      changed: text.changes(came, dissect(bytes)),
    })),
    punted: result.punted,
    drop: dropOf(result),
    drops,
    cycles: Object.fromEntries(stages.map((stage, i) => [stage, Number(result.cycles[i] ?? 0n)])) as Record<Stage, number>,
  };
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a packet has beside its bytes. */
const besides: readonly FieldName[] = ['in_port', 'metadata', 'tunnel_id'];
/** Once it went through a conntrack. */
const ofConnection: readonly FieldName[] = ['ct_state', 'ct_zone', 'ct_mark'];

/** As the packet is when it comes to a table, whatever of it the tables are asked. */
const fieldsAt = ({ fields, bytes }: ProbeStep): Fields =>
  ordered(new Map([...fields].filter(([name]) => isBeside(name, fields))), dissect(bytes));

const isBeside = (name: FieldName, fields: Fields): boolean =>
  besides.includes(name) || (ofConnection.includes(name) && fields.get('ct_state') !== 0n);

/** What the data plane read; a key has zeros in the place of headers that it did not read, or that there are not. */
const askedBy = ({ fields }: ProbeStep, there: Fields): Fields =>
  new Map([...fields].filter(([name]) => there.has(name) || name === 'ipv6_exthdr' || ofConnection.includes(name)));

/** In the order of the fields' numbers. */
const ordered = (...parts: readonly Fields[]): Fields =>
  new Map(
    matchFields.flatMap(({ name }) => {
      const value = parts.find((part) => part.has(name))?.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

const textsIn = ({ topology }: TracedFlows) => ({
  fields: (fields: Fields): FieldTexts =>
    Object.fromEntries([...fields].map(([name, value]) => [name, valueText(name, value, topology)])),
  changes: (before: Fields, after: Fields): Changes => {
    const text = (fields: Fields, name: FieldName): Value | null => {
      const value = fields.get(name);
      return value === undefined ? null : valueText(name, value, topology);
    };
    const changed = [...ordered(after, before).keys()].filter((name) => before.get(name) !== after.get(name));
    return Object.fromEntries(changed.map((name) => [name, [text(before, name), text(after, name)] as const]));
  },
});
