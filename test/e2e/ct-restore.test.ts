import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import test from 'ava';
import type { VswitchConfig } from '../../src/config/schema.js';
import { outcomeOf, start } from '../../src/lab/command.js';
import { inside, type LabHost } from '../../src/lab/plan.js';
import { startSwitch } from '../../src/lab/switch-process.js';
import { program } from '../../src/process/program.js';
import { addFarHost } from './support/far.js';
import { labFor, labName, ready } from './support/lab.js';
import { flowsOf, tracking } from './support/stateful.js';
import { sayUdp, startUdpEcho } from './support/udp.js';

// Connections go on in another process, under bulk traffic by NAT: what is sent after the snapshot is more than a window.
const far = '203.0.113.2';
const flows = flowsOf(`
table=0,priority=100,ip,actions=ct(zone=9,nat,table=1)
table=1,priority=400,ct_state=+inv+trk,actions=drop
table=1,priority=300,ct_state=+est+trk,actions=goto_table:2
table=1,priority=300,ct_state=+rel+trk,actions=goto_table:2
table=1,priority=200,in_port=red-gw1,ct_state=+new+trk,tcp,actions=ct(commit,zone=9,nat(src=198.51.100.1),table=2)
table=1,priority=0,actions=drop
table=2,priority=200,ip,nw_dst=10.1.0.11,actions=dec_ttl,mod_dl_dst:02:00:00:01:01:01,output:red-gw1
table=2,priority=100,ip,actions=dec_ttl,mod_dl_dst:02:00:00:00:01:02,output:uplink`) as NonNullable<VswitchConfig['flows']>;

const stateful = (config: VswitchConfig): VswitchConfig =>
  tracking(config, { prefix: '198.51.100.0/29', gateway: '198.51.100.6' }, { flows });

interface Report {
  readonly error?: string;
  readonly intervals: readonly { readonly sum: { readonly start: number; readonly bytes: number } }[];
}

/** One stream for so many seconds; what it sent in each of them. */
async function stream(from: LabHost, to: LabHost, seconds: number): Promise<Report> {
  start(inside(to.namespace, 'iperf3', '--server', '--one-off'));
  await sleep(500);
  const client = inside(from.namespace, 'iperf3', '--client', far, '--time', String(seconds), '--bitrate', '200M', '--json');
  return JSON.parse((await outcomeOf(client)).text) as Report;
}

/** What a stranger hears from the machine behind the switch, over and over until it is told to end. */
async function strangerHears(stranger: LabHost, ended: () => boolean): Promise<string> {
  let heard = '';
  for (let port = 6000; !ended(); port++) heard += (await sayUdp(stranger, ['10.1.0.11', 7], port, { ms: 200 })).text;
  return heard;
}

test('connections go on in another process that restores their snapshot, under traffic', async (t) => {
  t.timeout(60_000);
  const { plan, config, child, socket } = await labFor(t, labName('ctr'), stateful);
  const [vm] = plan.vms as [LabHost, ...LabHost[]];
  const farHost = await addFarHost(plan, '192.0.2.1');
  const directory = mkdtempSync(join(tmpdir(), 'ct-restore-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'connections');
  const ct = async (...argv: string[]) =>
    (await promisify(execFile)(process.execPath, [program, 'ct', ...argv, '--socket', socket])).stdout;
  startUdpEcho(vm, 7);

  let ended = false;
  const heard = strangerHears(plan.uplinkHost, () => ended);
  // Long enough for a retransmission that comes late, as every one of the restart is lost.
  const streamed = stream(vm, farHost, 18);
  await sleep(2500);
  await ct('snapshot', file);
  await sleep(500);
  child.kill('SIGTERM');
  await once(child, 'exit');
  await startSwitch(plan, config, ready);
  const restoredAt = performance.now();
  t.log((await ct('restore', file)).trim());
  const report = await streamed;
  const leftS = (performance.now() - restoredAt) / 1000;
  ended = true;

  t.is(report.error, undefined);
  const megabytes = report.intervals.map(({ sum }) => Math.round(sum.bytes / 1e6));
  t.log(`MB in each second: ${megabytes.join(' ')}; the last ${leftS.toFixed(1)} s by the second process`);
  t.true(megabytes[1]! > 5, 'the first process forwards');
  t.true(leftS > 3 && megabytes.slice(-2).every((each) => each > 5), 'the second one goes on with the connection');
  t.is(await heard, '', 'who was denied is denied by both');
});
