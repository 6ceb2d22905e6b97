import test, { type ExecutionContext } from 'ava';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { FlowListView } from '../../src/api/schemas/flows.js';
import type { UsageView } from '../../src/api/schemas/usage.js';
import { must, outcomeOf } from '../../src/lab/command.js';
import { inside, type LabHost } from '../../src/lab/plan.js';
import type { FlowText } from '../../src/model/flow.js';
import { totalDropsOf } from './support/drops.js';
import { labFor, labName, type TestLab } from './support/lab.js';

// Kernels at both ends judge what the switch did to their packets: a wrong checksum, length or address gets no answer.
const uplink = { ip: '192.0.2.1', mac: '02:00:00:00:00:01' };
const nextHop = { ip: '192.0.2.2', mac: '02:00:00:00:01:02' };
const [vm1, vm2] = [
  { ip: '10.1.0.11', mac: '02:00:00:01:01:01', port: 'red-gw1', gateway: '02:00:00:01:00:01' },
  { ip: '10.1.0.12', mac: '02:00:00:01:01:02', port: 'red-gw2', gateway: '02:00:00:01:00:02' },
] as const;
const set = (field: string, value: string | number) => ({ type: 'set_field', field, value }) as FlowText['actions'][number];
const macs = (source: string, destination: string) => [set('eth_src', source), set('eth_dst', destination)];

const operate = (lab: TestLab, operations: readonly unknown[], path = '/v1/flows') =>
  lab.client.send('PATCH', path, { operations });
const add = (flows: readonly FlowText[]) => flows.map((flow) => ({ op: 'add', flow }));
const drops = async ({ client }: TestLab) => totalDropsOf((await client.get('/v1/usage')) as UsageView);

const http = (from: LabHost, url: string) =>
  outcomeOf(inside(from.namespace, 'curl', '--silent', '--show-error', '--max-time', '5', url));
const pings = (from: LabHost, address: string, ...options: string[]) =>
  outcomeOf(inside(from.namespace, 'ping', '-n', '-q', '-W', '1', ...options, address));

/** Returns when no TCP connection is about to end. */
async function closed(namespace: string): Promise<void> {
  const ending = ['fin-wait-1', 'fin-wait-2', 'close-wait', 'last-ack', 'closing'].flatMap((state) => ['state', state]);
  while ((await must(inside(namespace, 'ss', '-H', '-t', '-n', ...ending))).trim() !== '') await sleep(20);
}

async function vxlan(t: ExecutionContext, lab: TestLab): Promise<void> {
  const [vm, host] = [lab.plan.vms[0]!, lab.plan.uplinkHost];
  const far = '10.99.0.2';
  const farMac = '02:00:00:00:99:02';
  for (const argv of [
    [
      'link',
      'add',
      'vx42',
      'address',
      farMac,
      'mtu',
      '1450',
      'type',
      'vxlan',
      'id',
      '42',
      'remote',
      uplink.ip,
      'dstport',
      '4789',
    ],
    ['link', 'set', 'vx42', 'up'],
    ['address', 'add', `${far}/24`, 'dev', 'vx42'],
    ['neighbour', 'add', '10.99.0.1', 'lladdr', uplink.mac, 'dev', 'vx42'],
    ['route', 'replace', `${vm1.ip}/32`, 'via', '10.99.0.1', 'dev', 'vx42', 'onlink'],
  ])
    await must(inside(host.namespace, 'ip', ...argv));
  const tunnel = { eth_src: uplink.mac, eth_dst: nextHop.mac, src: uplink.ip, dst: nextHop.ip };
  await operate(lab, [
    ...add([
      {
        match: { in_port: vm1.port, eth_type: 0x800, ipv4_dst: far },
        actions: [
          { type: 'dec_ttl' },
          ...macs(uplink.mac, farMac),
          { type: 'encap', tunnel: 'vxlan', vni: 42, ...tunnel },
          { type: 'output', port: 'uplink' },
        ],
      },
      {
        match: { in_port: 'uplink', eth_type: 0x800, ip_proto: 17, udp_dst: 4789, ipv4_dst: uplink.ip },
        actions: [
          { type: 'decap', tunnel: 'vxlan', vnis: [42] },
          { type: 'goto_table', table: 1 },
        ],
      },
      {
        table: 1,
        match: { eth_type: 0x800, ipv4_dst: vm1.ip, tunnel_id: 42 },
        actions: [{ type: 'dec_ttl' }, ...macs(vm1.gateway, vm1.mac), { type: 'output', port: vm1.port }],
      },
    ]),
  ]);
  const small = await pings(vm, far, '-c', '3', '-i', '0.2');
  t.is(small.code, 0, small.text);
  const large = await pings(vm, far, '-c', '3', '-i', '0.2', '-s', '1400', '-M', 'do');
  t.is(large.code, 0, large.text);
  const page = await http(vm, `http://${far}:8080/`);
  t.is(page.code, 0, page.text);
  // What is repeated when the tunnel is gone would be answered from outside it, by ICMP for the switch.
  for (const { namespace } of [vm, host]) await closed(namespace);
  await must(inside(host.namespace, 'ip', 'link', 'del', 'vx42'));
}

/** A stateless change of addresses and ports, there and back: TCP checksums are the kernel's to judge. */
async function rewrite(t: ExecutionContext, lab: TestLab): Promise<void> {
  const service = '203.0.113.80';
  await operate(lab, [
    ...add([
      {
        match: { in_port: vm1.port, eth_type: 0x800, ip_proto: 6, ipv4_dst: service, tcp_dst: '80-90' },
        actions: [
          set('ipv4_dst', nextHop.ip),
          set('tcp_dst', 8080),
          set('ip_dscp', 10),
          ...macs(uplink.mac, nextHop.mac),
          { type: 'output', port: 'uplink' },
        ],
      },
      {
        match: { in_port: 'uplink', eth_type: 0x800, ip_proto: 6, ipv4_dst: vm1.ip, tcp_src: 8080 },
        actions: [
          set('ipv4_src', service),
          set('tcp_src', 85),
          set('ip_ttl', 9),
          ...macs(vm1.gateway, vm1.mac),
          { type: 'output', port: vm1.port },
        ],
      },
    ]),
  ]);
  const page = await http(lab.plan.vms[0]!, `http://${service}:85/`);
  t.is(page.code, 0, page.text);
}

/** Ten packets a second pass, and ten at once; the others are dropped by name. */
async function meter(t: ExecutionContext, lab: TestLab): Promise<void> {
  const flow = {
    priority: 40_000,
    match: { in_port: 'uplink', eth_type: 0x800, ip_proto: 1, ipv4_dst: vm2.ip },
    actions: [{ type: 'meter', meter: 1 }, ...macs(vm2.gateway, vm2.mac), { type: 'output', port: vm2.port }],
  } as const;
  const bands = [{ type: 'drop', rate: 10, burst_size: 10 }];
  await operate(lab, [{ op: 'add', meter: { meter: 1, unit: 'pktps', bands } }, ...add([flow])]);
  const { text } = await pings(lab.plan.uplinkHost, vm2.ip, '-c', '60', '-i', '0.01');
  const received = Number(/(\d+) received/.exec(text)?.[1]);
  t.true(received >= 10 && received <= 25, text);
  const { meter_exceeded: dropped, ...others } = await drops(lab);
  t.is(dropped, 60 - received);
  t.deepEqual(others, {});
  await operate(lab, [{ op: 'delete', meter: { meter: 1 } }]);
}

/** A flow that no packet hits for a second goes, and says so with its counters; one with a hard timeout goes in spite of packets. */
async function timeouts(t: ExecutionContext, lab: TestLab): Promise<void> {
  const events = new AbortController();
  const { statusCode, body } = await request('http://localhost/v1/events', {
    dispatcher: new Agent({ connect: { socketPath: lab.socket } }),
    signal: events.signal,
  });
  t.is(statusCode, 200);
  const flow = (cookie: number, timeout: Partial<FlowText>): FlowText => ({
    priority: 40_000 + cookie,
    cookie,
    match: { in_port: vm2.port, eth_type: 0x800, ip_proto: 1, ip_ecn: cookie },
    actions: [...macs(uplink.mac, nextHop.mac), { type: 'output', port: 'uplink' }],
    ...timeout,
  });
  await operate(lab, add([flow(0, { idle_timeout: 1 }), flow(1, { hard_timeout: 1 })]));
  const from = lab.plan.vms[1]!;
  const pinging = Promise.all(['0', '1'].map((tos) => pings(from, nextHop.ip, '-c', '16', '-i', '0.1', '-Q', tos)));
  const heard: string[] = [];
  let text = '';
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    heard.splice(0, heard.length, ...(text.match(/"reason":"\w+","id":\d+.*?"packets":"?\d+/g) ?? []));
    if (heard.length === 2) break;
  }
  events.abort();
  await pinging;
  t.regex(heard[0]!, /"reason":"hard_timeout".*"packets":"?[5-9]|1[0-3]/);
  t.regex(heard[1]!, /"reason":"idle_timeout".*"packets":"?16/);
}

/** What comes for one address goes to vm1 while its link is up, and else to vm2, which has the address too. */
async function failover(t: ExecutionContext, lab: TestLab): Promise<void> {
  const shared = '10.1.0.99';
  const [first, second] = [lab.plan.vms[0]!, lab.plan.vms[1]!];
  for (const { namespace } of [first, second])
    await must(inside(namespace, 'ip', 'address', 'add', `${shared}/32`, 'dev', 'eth0'));
  const bucket = ({ port, mac, gateway }: typeof vm1 | typeof vm2) => ({
    watch_port: port,
    actions: [...macs(gateway, mac), { type: 'output', port }],
  });
  await operate(lab, [
    { op: 'add', group: { group: 7, type: 'ff', buckets: [bucket(vm1), bucket(vm2)] } },
    ...add([
      { match: { in_port: 'uplink', eth_type: 0x800, ipv4_dst: shared }, actions: [{ type: 'group', group: 7 }] },
      ...[vm1, vm2].map(({ port }) => ({
        match: { in_port: port, eth_type: 0x800, ipv4_src: shared },
        actions: [...macs(uplink.mac, nextHop.mac), { type: 'output', port: 'uplink' } as const],
      })),
    ]),
  ]);
  /** Whether the shared address answers, and how many packets each machine sent for it. */
  const answers = async (): Promise<readonly [code: number, fromVm1: number, fromVm2: number]> => {
    const before = await Promise.all([vm1, vm2].map((vm) => packetsOf(lab, vm.port)));
    const { code } = await pings(lab.plan.uplinkHost, shared, '-c', '3', '-i', '0.2');
    const after = await Promise.all([vm1, vm2].map((vm) => packetsOf(lab, vm.port)));
    return [code, after[0]! - before[0]!, after[1]! - before[1]!];
  };
  t.deepEqual(await answers(), [0, 3, 0]);
  await must(inside(first.namespace, 'ip', 'link', 'set', 'eth0', 'down'));
  await sleep(300);
  t.deepEqual(await answers(), [0, 0, 3], 'vm2 takes over while the link of vm1 is down');
}

/** What came in from a VM for the shared address. */
async function packetsOf({ client }: TestLab, port: string): Promise<number> {
  const { flows } = (await client.get('/v1/flows?owner=operator')) as FlowListView;
  const own = flows.filter(({ flow }) => flow.match?.['in_port'] === port && flow.match['ipv4_src'] !== undefined);
  return own.reduce((sum, { packets }) => sum + Number(packets), 0);
}

test('kernels accept what the switch made of their packets', async (t) => {
  t.timeout(120_000);
  const lab = await labFor(t, labName('ma'));
  await vxlan(t, lab);
  await rewrite(t, lab);
  t.deepEqual(await drops(lab), {});
  await meter(t, lab);
  await timeouts(t, lab);
  await failover(t, lab);
});
