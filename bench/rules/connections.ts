import type { ActionText } from '../../src/model/action.js';
import type { FlowText } from '../../src/model/flow.js';
import type { Work } from '../forwarding.js';
import type { RuleSet } from '../subject.js';
import { ipv4Frame, type FrameFields } from '../support/frames.js';
import { ipv4Number } from '../support/ipv4.js';
import { Random } from '../../test/conformance/random.js';
import { forward } from './actions.js';

/** UDP ports that the security group lets VMs call. */
const allowedPorts = [53, 123, 443, 4500] as const;
const deniedPort = 25;
const inside = '10.0.0.0/8';
const vms = 4096;
const servers = 2 ** 20;
/** What servers see of VMs behind NAT. */
const outside = '198.51.100.1';
/** The VMs' port, and that of the rest of the world; each is source and sink. */
export const [vmPort, wirePort] = ['vm', 'wire'] as const;
export const ctZone = 1;

type Ends = Required<Pick<FrameFields, 'src' | 'dst' | 'srcPort' | 'dstPort'>>;

/**
 * What a VM sends on connection `i`; all below a billion are different. No two below 2^20 have one server: translated to one address
 * they keep their source ports.
 */
export const call = (i: number): Ends => ({
  src: ipv4Number('10.0.0.0') + (i % vms),
  dst: ipv4Number('172.16.0.0') + (i % servers),
  srcPort: 1024 + ((i * 7919) % 60_000),
  dstPort: allowedPorts[i % allowedPorts.length] ?? 0,
});

/** What the server sends, to the address that it sees. */
export function answer(i: number, nat = false): Ends {
  const { src, dst, srcPort, dstPort } = call(i);
  return { src: dst, dst: nat ? ipv4Number(outside) : src, srcPort: dstPort, dstPort: srcPort };
}

/**
 * A security group: VMs may call some ports, who was called may answer, and nobody else is let in. Flows are told apart by addresses
 * and state alone, so that another port may bring packets of either side.
 */
export function securityGroup(nat = false): FlowText[] {
  const lookUp: ActionText = { type: 'conntrack', zone: ctZone, ...(nat ? { nat: {} } : {}) };
  const commit: ActionText = { type: 'conntrack', zone: ctZone, commit: true, ...(nat ? { nat: { src: outside } } : {}) };
  const inTable1 = (priority: number, state: string, actions: ActionText[], more: FlowText['match'] = {}): FlowText => ({
    table: 1,
    priority,
    match: { eth_type: 0x0800, ct_state: state, ...more },
    actions,
  });
  return [
    { priority: 10, match: { eth_type: 0x0800, ct_state: '-trk' }, actions: [lookUp, { type: 'goto_table', table: 1 }] },
    inTable1(40, '+trk+inv', [{ type: 'drop' }]),
    ...allowedPorts.map((port) =>
      inTable1(30, '+trk+new', [commit, ...forward(undefined, wirePort)], { ip_proto: 17, ipv4_src: inside, udp_dst: port }),
    ),
    inTable1(20, '+trk+est-rpl', forward(undefined, wirePort)),
    inTable1(20, '+trk+est+rpl', forward(undefined, vmPort)),
    { table: 1, priority: 1, actions: [{ type: 'drop' }] },
  ];
}

const provenConnections = 32;
/** So that nothing expires while it is measured. */
export const longMs = 3_600_000;

export interface GroupOptions {
  readonly nat?: boolean;
  readonly timeoutMs?: number;
}

/** With room for that many connections, of which half-open ones may take half. */
export const groupRules = (connections: number, { nat = false, timeoutMs }: GroupOptions = {}): RuleSet => ({
  flows: securityGroup(nat),
  conntrack: { entries: 2 * connections + 1024, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
});

export interface ConnectionsOptions extends GroupOptions {
  /** `count` where left out. */
  readonly connections?: number;
}

/**
 * Datagrams of both sides of `count` of `connections` connections, for ever; the answers in another order. Their checksums are 0: who
 * checks them has no work.
 */
export function connectionsWork(count: number, { connections = count, nat = false, timeoutMs }: ConnectionsOptions = {}): Work {
  const numbers = Array.from({ length: count }, (_, i) => Math.floor((i * connections) / count));
  const answers = shuffled(numbers).map((i) => ipv4Frame(answer(i, nat)));
  const proven = numbers.slice(0, provenConnections);
  return {
    rules: groupRules(connections, { nat, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
    sources: { [vmPort]: numbers.map((i) => ipv4Frame(call(i))), [wirePort]: answers },
    sinks: [],
    proof: {
      [vmPort]: [...proven.map((i) => ipv4Frame(call(i))), ...proven.map((i) => ipv4Frame({ ...call(i), dstPort: deniedPort }))],
      // The others answer to what nobody sent.
      [wirePort]: [...proven, ...proven.map((i) => connections + i)].map((i) => ipv4Frame(answer(i, nat))),
    },
  };
}

/** The same ones in an order of chance. */
function shuffled<T>(items: readonly T[]): T[] {
  const random = new Random(5);
  const list = [...items];
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
