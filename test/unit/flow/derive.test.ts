import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { derive, type DerivedFlow } from '../../../src/flow/derive.js';
import { keyOf } from '../../../src/flow/transaction.js';
import { reachOf } from '../../../src/flow/topology.js';
import { formatOfctl } from '../../../src/flow/syntax/ofctl.js';
import { formatFlow } from '../../../src/flow/syntax/text.js';
import { parseIp } from '../../../src/model/address.js';
import { rankOf } from '../../../src/model/flow.js';
import { fieldOf, type FieldName } from '../../../src/model/match.js';
import { labConfig, labTopology } from '../../support/topology.js';

const topology = labTopology();
const lines = (flows: readonly DerivedFlow[], owner: string, band = 'derived') =>
  flows
    .filter((flow) => (flow.owner.kind === 'tenant' ? flow.owner.tenant : 'operator') === owner && flow.band === band)
    .map((flow) => formatOfctl(formatFlow(flow, topology)).replace(/^priority=\d+,/, ''));

const number = (name: string) => topology.portByName.get(name)?.number ?? 0;
const macOf = (name: string) => topology.portByName.get(name)?.mac ?? 0n;

/** What a packet gets from the flows of its tenant (or of nobody), as in OpenFlow: the matching flow with the highest rank. */
function fate(flows: readonly DerivedFlow[], owner: string, packet: Partial<Record<FieldName, bigint>>) {
  const matching = flows.filter(
    (flow) =>
      (flow.owner.kind === 'tenant' ? flow.owner.tenant : 'operator') === owner &&
      [...flow.match].every(([name, { value, mask }]) => ((packet[name] ?? 0n) & mask) === value),
  );
  const [best, second] = matching.sort((a, b) => rankOf(b.band, b.priority) - rankOf(a.band, a.priority));
  const tie = best && second && rankOf(best.band, best.priority) === rankOf(second.band, second.priority);
  if (tie && JSON.stringify(formatFlow(best, topology).actions) !== JSON.stringify(formatFlow(second, topology).actions))
    throw new Error('two flows of one rank differ');
  return best ? formatFlow(best, topology).actions : undefined;
}

const ip = (text: string) => parseIp(text)?.value ?? 0n;
/** The MAC address of the VM that has the address. */
const vmMac = (address: string) =>
  topology.tenants.flatMap(({ vms }) => vms).find(({ addresses }) => addresses.some(({ value }) => value === ip(address)))?.mac ??
  0n;
const ipv4 = (port: string, from: string, to: string) => ({
  in_port: BigInt(number(port)),
  eth_dst: macOf(port),
  eth_src: vmMac(from),
  eth_type: 0x0800n,
  ipv4_src: ip(from),
  ipv4_dst: ip(to),
});
const hop = (source: string, target: string, port: string) => [
  { type: 'set_field', field: 'eth_src', value: source },
  { type: 'set_field', field: 'eth_dst', value: target },
  { type: 'dec_ttl' },
  { type: 'output', port },
];
const dropped = (reason?: string) => [reason === undefined ? { type: 'drop' } : { type: 'drop', reason }];

test('from the uplink to a VM, and its mirror', (t) => {
  const flows = derive(topology, []);
  t.deepEqual(fate(flows, 'red', ipv4('up', '198.51.100.9', '10.1.0.11')), hop('02:00:00:00:01:01', '02:00:00:00:01:11', 'r1'));
  t.deepEqual(fate(flows, 'red', ipv4('r1', '10.1.0.11', '198.51.100.9')), hop('02:00:00:00:00:01', '02:00:00:00:00:fe', 'up'));
});

test('between VMs of a tenant, also behind one port', (t) => {
  const flows = derive(topology, []);
  t.deepEqual(fate(flows, 'red', ipv4('r1', '10.1.0.11', '10.1.0.12')), hop('02:00:00:00:01:02', '02:00:00:00:01:12', 'r2'));
  t.deepEqual(fate(flows, 'red', ipv4('r1', '10.1.0.11', '10.1.0.13')), hop('02:00:00:00:01:01', '02:00:00:00:01:13', 'in_port'));
});

test('what contradicts the layout is dropped by the name of what is wrong with it', (t) => {
  const flows = derive(topology, []);
  const good = ipv4('r1', '10.1.0.11', '198.51.100.9');
  t.deepEqual(fate(flows, 'red', { ...good, ipv4_src: ip('10.9.0.1') }), dropped('spoofed_source'));
  t.deepEqual(fate(flows, 'red', { ...good, ipv4_src: ip('10.1.0.12') }), dropped('spoofed_source'));
  t.deepEqual(fate(flows, 'red', { ...good, eth_src: vmMac('10.1.0.13') }), dropped('spoofed_source'));
  t.deepEqual(fate(flows, 'red', { ...good, vlan_vid: 0x1005n }), dropped('foreign_vlan'));
  t.deepEqual(fate(flows, 'red', { ...good, eth_src: macOf('r1') }), dropped('own_address'));
  t.deepEqual(fate(flows, 'operator', { in_port: BigInt(number('up')), eth_src: macOf('up') }), dropped('own_address'));
  // For another VM of the network it goes nowhere at all.
  t.deepEqual(fate(flows, 'red', ipv4('r2', '10.1.0.11', '10.1.0.13')), dropped());
});

test('a gateway answers the VMs of its network, and the uplink whoever asks its address', (t) => {
  const flows = derive(topology, []);
  const reply = [{ type: 'icmp_reply' }, { type: 'output', port: 'in_port' }];
  t.deepEqual(fate(flows, 'red', ipv4('r1', '10.1.0.11', '10.1.0.1')), reply);
  t.deepEqual(fate(flows, 'red', { ...ipv4('r1', '10.1.0.11', '10.1.0.1'), eth_src: 1n }), dropped());
  t.deepEqual(fate(flows, 'operator', ipv4('up', '198.51.100.9', '192.0.2.1')), reply);
});

test('without an uplink what is for the world is dropped, not called spoofed', (t) => {
  const flows = derive(labTopology(labConfig, ['r1', 'r2', 'b1']), []);
  t.deepEqual(fate(flows, 'red', ipv4('r1', '10.1.0.11', '198.51.100.9')), dropped());
});

test('what is for a network and no VM of it does not leave by the uplink', (t) => {
  const flows = derive(topology, []);
  t.deepEqual(fate(flows, 'red', ipv4('r1', '10.1.0.11', '10.1.0.99')), dropped());
  const allowed = derive(topology, [{ from: 'red', to: 'blue' }]);
  t.deepEqual(fate(allowed, 'red', ipv4('r1', '10.1.0.11', '10.2.0.99')), dropped());
});

test('to another tenant: refused by name until policy allows it, and one way only', (t) => {
  const packet = ipv4('r1', '10.1.0.11', '10.2.0.11');
  const back = ipv4('b1', '10.2.0.11', '10.1.0.11');
  t.deepEqual(fate(derive(topology, []), 'red', packet), dropped('policy_refused'));
  const oneWay = derive(topology, [{ from: 'red', to: 'blue' }]);
  t.deepEqual(fate(oneWay, 'red', packet), hop('02:00:00:00:02:01', '02:00:00:00:02:11', 'b1'));
  t.deepEqual(fate(oneWay, 'blue', back), dropped('policy_refused'));
  const both = derive(topology, [
    { from: 'red', to: 'blue' },
    { from: 'blue', to: 'red' },
  ]);
  t.deepEqual(fate(both, 'blue', back), hop('02:00:00:00:01:01', '02:00:00:00:01:11', 'r1'));
});

test('IPv6 goes the same ways', (t) => {
  const packet = (port: string, from: string, to: string) => ({
    in_port: BigInt(number(port)),
    eth_dst: macOf(port),
    eth_src: vmMac(from),
    eth_type: 0x86ddn,
    ipv6_src: ip(from),
    ipv6_dst: ip(to),
  });
  const flows = derive(topology, []);
  t.deepEqual(fate(flows, 'red', packet('up', '2001:db8::9', 'fd00:1::11')), hop('02:00:00:00:01:01', '02:00:00:00:01:11', 'r1'));
  t.deepEqual(fate(flows, 'red', packet('r1', 'fd00:1::11', 'fd00:2::11')), dropped('policy_refused'));
});

test('the gateway answers ARP and neighbour discovery at every port with VMs, the uplink for its own address', (t) => {
  const flows = derive(topology, []);
  const reply = (mac: string) => `actions=arp_reply:${mac},IN_PORT`;
  t.deepEqual(
    lines(flows, 'red').filter((line) => line.includes('arp')),
    [
      `in_port=r1,arp,arp_op=1,arp_tpa=10.1.0.1,${reply('02:00:00:00:01:01')}`,
      `in_port=r2,arp,arp_op=1,arp_tpa=10.1.0.1,${reply('02:00:00:00:01:02')}`,
    ],
  );
  t.deepEqual(
    lines(flows, 'red').filter((line) => line.includes('nd_reply')),
    [
      `in_port=r1,icmp6,icmp_type=135,nd_target=fd00:1::1,actions=nd_reply:02:00:00:00:01:01,IN_PORT`,
      `in_port=r2,icmp6,icmp_type=135,nd_target=fd00:1::1,actions=nd_reply:02:00:00:00:01:02,IN_PORT`,
    ],
  );
  t.deepEqual(
    lines(flows, 'operator').filter((line) => line.includes('arp')),
    [`in_port=up,arp,arp_op=1,arp_tpa=192.0.2.1,${reply('02:00:00:00:00:01')}`],
  );
});

test('a port that is not open, or whose MAC nobody knows, has no routes', (t) => {
  const without = labTopology(labConfig, ['up', 'r1', 'b1']);
  const flows = derive(without, []);
  const names = (flow: DerivedFlow) => [
    flow.match.get('in_port')?.value,
    ...flow.actions.map((action) => (action.type === 'output' ? action.port : undefined)),
  ];
  t.false(flows.some((flow) => names(flow).some((port) => Number(port) === number('r2'))));
  t.true(flows.some((flow) => names(flow).some((port) => Number(port) === number('r1'))));
  t.deepEqual(derive(labTopology(labConfig, []), []), []);
});

const policy = fc.subarray([
  { from: 'red', to: 'blue' },
  { from: 'blue', to: 'red' },
]);
const open = fc.subarray(['up', 'r1', 'r2', 'b1']);

testProp(
  'no derived flow of a tenant outputs to the port of one that policy does not name',
  [policy, open],
  (t, entries, ports) => {
    const there = labTopology(labConfig, ports);
    const reach = reachOf(there, entries);
    const astray = derive(there, entries).filter((flow) =>
      flow.actions.some((action) => {
        if (action.type !== 'output' || typeof action.port !== 'number') return false;
        const port = there.portByNumber.get(action.port);
        if (!port?.open) return true;
        if (port.role.kind === 'uplink') return false;
        return flow.owner.kind !== 'tenant' || reach.get(flow.owner.tenant)?.has(port.role.tenant) !== true;
      }),
    );
    t.deepEqual(astray, []);
  },
);

testProp('fields are in the order of their numbers, and no two flows have one identity', [policy, open], (t, entries, ports) => {
  const there = labTopology(labConfig, ports);
  const flows = derive(there, entries);
  for (const { match } of flows) {
    const numbers = [...match.keys()].map((name) => fieldOf(name).number);
    t.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
  }
  t.is(new Set(flows.map((flow) => keyOf(flow))).size, flows.length);
});
