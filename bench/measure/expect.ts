import { parseGroup } from '../../src/flow/syntax/group-text.js';
import { parseFlow } from '../../src/flow/syntax/text.js';
import { makeTopology } from '../../src/flow/topology.js';
import type { Fault } from '../../src/model/errors.js';
import type { FlowText } from '../../src/model/flow.js';
import { portName, portNumber } from '../../src/model/ids.js';
import { Connections, type Choose } from '../../test/support/reference/conntrack.js';
import { interpret } from '../../test/support/reference/pipeline.js';
import type { RuleSet, Workload } from '../subject.js';
import { covers, ipv4Number, parseIpv4Prefix } from '../support/ipv4.js';

/** What may come out for one frame, as `PORT HEX`: one thing, or one of several where a group may choose. Nothing: it is dropped. */
export type Alternatives = ReadonlySet<string>;

/** A received frame and the port that it comes from. */
export interface Received {
  readonly port: string;
  readonly frame: Buffer;
}

/** What the rules make of each frame, by the tests' reference interpreter, which shares no code with either switch. */
export function expectedOf({ ports, rules }: Pick<Workload, 'ports' | 'rules'>, received: readonly Received[]): Alternatives[] {
  const names = ports.map(({ name }) => name);
  const topology = makeTopology(
    names.map((name, i) => ({
      number: portNumber(i + 1),
      name: portName(name),
      role: { kind: 'uplink' },
      mac: undefined,
      open: true,
    })),
    [],
    undefined,
  );
  const faults: Fault[] = [];
  const flows = near(rules.flows, received).map((flow, i) => parseFlow(flow, topology, `/flows/${i}`, faults));
  const groups = (rules.groups ?? []).map((group, i) => parseGroup(group, topology, `/groups/${i}`, faults));
  if (faults[0]) throw new Error(`the scenario's rules: ${faults[0].pointer}: ${faults[0].message}`);
  const program = { flows: flows.filter((f) => f !== undefined), groups: groups.filter((g) => g !== undefined) };
  const choices = Math.max(1, ...program.groups.map(({ type, buckets }) => (type === 'select' ? buckets.length : 1)));
  const outputs = Array.from({ length: choices }, (_, choice) => {
    const connections = new Connections(keepingPorts(rules));
    const pass = () =>
      received.map(({ port, frame }) =>
        interpret(
          { ...program, ports: names.map((_name, i) => i + 1), pick: (count) => choice % count, connections },
          names.indexOf(port) + 1,
          frame,
        ).out.map((sent) => outputText(names[sent.port - 1] ?? '?', sent.bytes)),
      );
    if (rules.conntrack) pass(); // the frames repeat: what comes of them is what comes when their connections are there
    return pass();
  });
  return received.map((_, i) => new Set(outputs.flatMap((of) => of[i] ?? [])));
}

/** A translation to the one address that rules have, where ports stay as they are. */
const keepingPorts =
  ({ flows }: RuleSet): Choose =>
  ({ ends }, isLegal) =>
    flows
      .flatMap(({ actions }) => actions.flatMap((action) => (action.type === 'conntrack' ? (action.nat?.src ?? []) : [])))
      .map((address) => ({ ...ends, src: BigInt(ipv4Number(address)) }))
      .find(isLegal);

export const outputText = (port: string, bytes: Uint8Array): string => `${port} ${Buffer.from(bytes).toString('hex')}`;

const ipv4DestinationAt = 30;

/** Leaves out what cannot match any of the frames, by the destination alone: of a million rules the interpreter then sees a few. */
function near(flows: readonly FlowText[], received: readonly Received[]): FlowText[] {
  const addresses = [...new Set(received.map(({ frame }) => frame.readUInt32BE(ipv4DestinationAt)))];
  return flows.filter(({ match = {}, table = 0 }) => {
    const wanted = match.ipv4_dst;
    if (typeof wanted !== 'string' || table !== 0) return true;
    const prefix = parseIpv4Prefix(wanted);
    return addresses.some((address) => covers(prefix, address));
  });
}
