import test from 'ava';
import type { FlowListView } from '../../src/api/schemas/flows.js';
import type { UsageView } from '../../src/api/schemas/usage.js';
import type { PortListView } from '../../src/api/schemas/ports.js';
import { totalDropsOf } from './support/drops.js';
import { iperf, type IperfRun } from './support/iperf.js';
import { labFor, labName, type TestLab } from './support/lab.js';

const seconds = 10;
const transactions = 1000;

test('a thousand rule transactions while TCP runs at full speed lose no packet in the switch', async (t) => {
  t.timeout(120_000);
  const lab = await labFor(t, labName('tx'));
  const [vm] = lab.plan.vms;
  const alone = await iperf(vm!, lab.plan.uplinkHost, seconds);
  const before = await generationOf(lab);
  const ended = new AbortController();
  const startedAt = performance.now();
  const changed = change(lab).finally(() => ended.abort());
  const beside: IperfRun[] = [];
  while (!ended.signal.aborted) beside.push(await iperf(vm!, lab.plan.uplinkHost, seconds));
  await changed;

  t.log(`alone: ${describe(alone)}`);
  t.log(`beside ${transactions} transactions: ${beside.map(describe).join('; ')}`);
  t.log(`all ended after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  t.is(await generationOf(lab), before + transactions);
  const usage = (await lab.client.get('/v1/usage')) as UsageView;
  t.deepEqual(totalDropsOf(usage), {});
  const { ports } = (await lab.client.get('/v1/ports')) as PortListView;
  for (const port of ports) {
    if (port.state === 'open') t.log(`${port.name}: ${port.device.rxMissed} packets missed by the device`);
  }
});

const describe = ({ bitsPerSecond, retransmits }: IperfRun): string =>
  `${(bitsPerSecond / 1e6).toFixed(0)} Mbit/s, ${retransmits} TCP retransmissions`;

/** Adds a flow of red's and takes it away again, spread over most of the time that TCP runs. */
async function change({ client }: TestLab): Promise<void> {
  const startedAt = performance.now();
  const everyMs = (seconds * 1000 * 0.6) / transactions;
  for (let i = 0; i < transactions; i++) {
    const flow = { priority: 7, match: { in_port: 'red-gw1', eth_type: 0x800, ipv4_dst: `198.51.100.${(i >> 1) % 250}` } };
    const operation = i % 2 === 0 ? { op: 'add', flow: { ...flow, actions: [{ type: 'drop' }] } } : { op: 'delete', flow };
    await client.send('PATCH', '/v1/tenants/red/flows', { operations: [operation] });
    const aheadMs = startedAt + (i + 1) * everyMs - performance.now();
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
}

const generationOf = async ({ client }: TestLab): Promise<number> =>
  Number(((await client.get('/v1/flows')) as FlowListView).generation);
