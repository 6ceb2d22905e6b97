import test from 'ava';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthView } from './support/views.js';
import { VswitchError } from '../../src/model/errors.js';
import type { FlowListView } from '../../src/api/schemas/flows.js';
import { must } from '../../src/lab/command.js';
import { inside } from '../../src/lab/plan.js';
import { ping } from '../../src/lab/traffic.js';
import { totalDropsOf } from './support/drops.js';
import { labFor, labName } from './support/lab.js';

/** CPU time of a process in clock ticks of 10 ms: proc(5), fields utime and stime. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

test.serial('an idle switch takes less than 5 % of a core', async (t) => {
  const { child } = await labFor(t, labName('idle'));
  await sleep(2000); // The start's own work is not idling.
  const shares: number[] = [];
  const seconds = 3;
  // What else the machine does only adds to it, so the quietest of some windows is what the switch takes.
  for (let window = 0; window < 5; window++) {
    const before = cpuTicks(child.pid!);
    await sleep(seconds * 1000);
    shares.push((cpuTicks(child.pid!) - before) / 100 / seconds);
  }
  t.log(`${shares.map((share) => (share * 100).toFixed(1)).join(', ')} % of a core`);
  t.true(Math.min(...shares) < 0.05);
});

test.serial('ports come and go while others forward, and no packet is lost', async (t) => {
  const { plan, client, api } = await labFor(t, labName('ports'));
  const { switchNamespace, uplinkHost, vms } = plan;
  await must(inside(switchNamespace, 'ip', 'link', 'add', 'extra', 'type', 'veth', 'peer', 'name', 'extra-peer'));
  await must(inside(switchNamespace, 'ip', 'link', 'set', 'extra', 'up'));
  const pings = must(inside(uplinkHost.namespace, 'ping', '-n', '-q', '-c', '1000', '-i', '0.005', '10.1.0.11'));
  for (let round = 0; round < 10; round++) {
    await client.send('POST', '/v1/ports', { name: 'extra', config: { type: 'af_packet', interface: 'extra', tenant: 'blue' } });
    const { ports } = (await client.get('/v1/health')) as HealthView;
    t.is(ports.open, 5);
    await client.send('DELETE', '/v1/ports/extra');
  }
  t.regex(await pings, /1000 packets transmitted, 1000 received/);
  t.deepEqual(totalDropsOf(await api.usage()), {});
  t.is((await ping(vms[0]!, vms[1]!)).code, 0);
});

test.serial('one bad rule among a thousand changes nothing, and is named', async (t) => {
  const { client } = await labFor(t, labName('bad'));
  const before = await client.send('GET', '/v1/flows?owner=all');
  const operations = Array.from({ length: 1000 }, (_, i) => ({
    op: 'add',
    flow: {
      priority: 1 + i,
      match: { in_port: i === 617 ? 'nowhere' : 'red-gw1', eth_type: 0x800, ipv4_dst: `198.51.100.${i % 250}` },
      actions: [{ type: 'drop' }],
    },
  }));
  const patch = client.send('PATCH', '/v1/tenants/red/flows', { operations });
  const { code, faults } = await t.throwsAsync(patch, { instanceOf: VswitchError });
  t.is(code, 'FLOW_INVALID');
  t.deepEqual(
    faults.map(({ pointer, value }) => [pointer, value]),
    [['/operations/617/flow/match/in_port', 'nowhere']],
  );
  const after = await client.send('GET', '/v1/flows?owner=all');
  t.is(after.etag, before.etag);
  const countOf = ({ text }: { text: string }): number => (JSON.parse(text) as FlowListView).flows.length;
  t.is(countOf(after), countOf(before));
});
