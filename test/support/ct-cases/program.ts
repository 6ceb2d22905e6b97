import fc from 'fast-check';
import { parseFlow } from '../../../src/flow/syntax/text.js';
import type { ActionText, NatText } from '../../../src/model/action.js';
import { ctStateBits } from '../../../src/model/conntrack.js';
import type { Flow, FlowText } from '../../../src/model/flow.js';
import { portName, portNumber } from '../../../src/model/ids.js';
import { makeTopology } from '../../../src/model/topology.js';

/** What the flows of a case do. */
export interface Policy {
  readonly zone: number;
  readonly commit: { readonly mark?: string; readonly label?: string; readonly nat?: NatText };
  /** Looked up and committed by one action, or in a table each. */
  readonly atOnce: boolean;
  /** What follows, where the packet is as it is behind the first: in the same zone, then in another. */
  readonly again: readonly Again[];
}

type Again = 'look' | 'known' | 'mark' | 'make' | 'elsewhere';

/** Whether a zone acts once on each packet. Else packets are handled one by one: those of a burst go through a table together. */
export const actsOnce = ({ atOnce, again }: Policy): boolean => atOnce && again.every((name) => name === 'elsewhere');

const nats: readonly (NatText | undefined)[] = [
  undefined,
  undefined,
  {},
  { src: '192.0.2.1' },
  { src: '192.0.2.1-192.0.2.3', ports: '2000-2100' },
  { src: '192.0.2.1', random: true },
  { src: '192.0.2.1-192.0.2.2', persistent: true },
  { src: '192.0.2.0/24' },
  { src: 'fd01::1-fd01::2' },
  { dst: '10.0.0.77' },
  { dst: '10.0.0.77', ports: '8080' },
  { dst: 'fd02::/64' },
];

export const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    zone: fc.constantFrom(0, 5, 65535),
    mark: fc.constantFrom(undefined, '1', '0x2/0x3', '0x80000000'),
    label: fc.constantFrom(undefined, '1/1'),
    nat: fc.constantFrom(...nats),
    atOnce: fc.boolean(),
    again: fc.tuple(
      fc.array(fc.constantFrom<Again>('look', 'known', 'mark', 'make'), { maxLength: 2 }),
      fc.constantFrom<Again[]>([], [], ['elsewhere']),
    ),
  })
  .map(({ zone, mark, label, nat, atOnce, again }) => ({
    zone,
    commit: {
      ...(mark === undefined ? {} : { mark }),
      ...(label === undefined ? {} : { label }),
      ...(nat === undefined ? {} : { nat }),
    },
    atOnce,
    again: again.flat(),
  }));

const role = { kind: 'uplink' } as const;
const port = (number: number) => ({ number: portNumber(number), name: portName(`p${number}`), role, mac: undefined, open: true });
export const topology = makeTopology([port(1), port(2)], [], undefined);

/** A bit of the destination MAC address that says one thing of the packet. */
const tell = (bit: number): ActionText => {
  const at = Math.floor(bit / 8);
  const mac = Array.from({ length: 6 }, (_, i) => (5 - i === at ? (1 << (bit % 8)).toString(16).padStart(2, '0') : '00')).join(
    ':',
  );
  return { type: 'set_field', field: 'eth_dst', value: `${mac}/${mac}` };
};
const told: readonly NonNullable<FlowText['match']>[] = [
  ...ctStateBits.map((name) => ({ ct_state: `+${name}` })),
  ...[0, 1, 31].map((bit) => ({ ct_mark: `${2 ** bit}/${2 ** bit}` })),
  ...[0, 5, 7, 65535].map((ct_zone) => ({ ct_zone })),
];

/** Flows that track, then write into the packet what they see of it, and send it by p2. */
export function flowsOf({ zone, commit, atOnce, again }: Policy): Flow[] {
  const nat = commit.nat === undefined ? {} : { nat: {} };
  const make: ActionText = { type: 'conntrack', zone, commit: true, ...commit };
  const look: ActionText = { type: 'conntrack', zone, ...nat };
  const further: Record<Again, ActionText> = {
    look: { type: 'conntrack', zone },
    known: { type: 'conntrack', zone, nat: {} },
    mark: { type: 'conntrack', zone, commit: true, mark: '0x80000001/0x80000001' },
    make,
    elsewhere: { type: 'conntrack', zone: 7, commit: true },
  };
  const texts: FlowText[] = [
    { table: 0, priority: 9, match: { eth_type: 0x88b5 }, actions: [{ type: 'drop' }] },
    { table: 0, priority: 1, actions: [atOnce ? make : look, { type: 'goto_table', table: 1 }] },
    { table: 1, priority: 1, actions: [{ type: 'goto_table', table: 2 }] },
    ...(atOnce
      ? []
      : [
          {
            table: 1,
            priority: 9,
            match: { ct_state: '+new+trk-snat-dnat' },
            actions: [make, { type: 'goto_table' as const, table: 2 }],
          },
        ]),
    {
      table: 2,
      priority: 1,
      actions: [...again.map((name) => further[name]), { type: 'goto_table', table: 3 }],
    },
    ...told.flatMap((match, i): FlowText[] => [
      { table: 3 + i, priority: 9, match, actions: [tell(i), { type: 'goto_table', table: 4 + i }] },
      { table: 3 + i, priority: 1, actions: [{ type: 'goto_table', table: 4 + i }] },
    ]),
    { table: 3 + told.length, priority: 1, actions: [{ type: 'output', port: 'p2' }] },
  ];
  return texts.map((text) => {
    const faults: never[] = [];
    const flow = parseFlow(text, topology, '', faults);
    if (!flow) throw new Error(JSON.stringify(faults));
    return flow;
  });
}
