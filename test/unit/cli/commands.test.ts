import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { FlowListView, PolicyView } from '../../../src/api/schemas/flows.js';
import type { Io } from '../../../src/cli/io.js';
import { main } from '../../../src/cli/main.js';
import { runningSwitch } from '../../support/running-switch.js';

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line with this environment. */
async function vswitch(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = ''): Promise<Result> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env,
    readStdin: async () => stdin,
    terminal: { interactive: false, columns: 200, rows: 50 },
  };
  const code = await main(args, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function running(t: ExecutionContext) {
  const { socket, native, call } = await runningSwitch(t);
  return { native, call, cli: (...args: string[]) => vswitch(['--socket', socket, ...args]), socket };
}

async function file(t: ExecutionContext, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vswitch-cli-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const path = join(directory, 'flows');
  await writeFile(path, text);
  return path;
}

const toVm1 = 'priority=100,in_port=up,ip,nw_dst=10.1.0.11,actions=mod_dl_dst:02:00:00:00:01:11,output:gw-r1';
const line = 'priority=100,in_port=up,arp,actions=drop';

test('flows are added in ovs-ofctl syntax and in JSON, listed, and deleted', async (t) => {
  const { cli } = await running(t);
  const json = JSON.stringify({ priority: 7, match: { in_port: 'gw-b1' }, actions: [{ type: 'drop' }] });
  const added = await cli('flows', 'add', toVm1, json);
  t.is(added.code, 0, added.err);
  t.regex(added.out, /^generation \d+: 2 added, 0 modified, 0 deleted$/);
  const listed = await cli('flows', 'list', '--ofctl');
  t.is(listed.out.split('\n').length, 2);
  const again = await cli('flows', 'add', ...listed.out.split('\n'));
  t.is(again.code, 0, again.err);
  t.is((await cli('flows', 'list', '--ofctl')).out, listed.out);
  const gone = await cli('flows', 'del', toVm1.replace(/,actions=.*$/, ''));
  t.regex(gone.out, / 1 deleted$/);
  t.regex((await cli('flows', 'del', '--all')).out, / 1 deleted$/);
  t.is((await cli('flows', 'list', '--ofctl')).out, '');
});

test("--json prints the API's own answer", async (t) => {
  const { cli, call } = await running(t);
  await cli('flows', 'add', toVm1);
  const { out } = await cli('--json', 'flows', 'list');
  const still = ({ generation, flows }: FlowListView) => ({ generation, flows: flows.map(({ durationMs: _, ...flow }) => flow) });
  const told = still(JSON.parse(out) as FlowListView);
  t.deepEqual(told, still((await call('GET', '/v1/flows')).json<FlowListView>()));
  t.deepEqual(still(JSON.parse((await cli('flows', 'list', '--json')).out) as FlowListView), told);
});

test('replace makes a file the whole set; diff shows what it would do, with exit code 1', async (t) => {
  const { cli } = await running(t);
  await cli('flows', 'add', toVm1);
  const path = await file(t, `# what we want\n${line}\n\n`);
  const diff = await cli('flows', 'diff', path);
  t.is(diff.code, 1, diff.err);
  t.deepEqual(
    diff.out
      .split('\n')
      .map((row) => row[0])
      .sort(),
    ['+', '-'],
  );
  t.regex((await cli('flows', 'replace', path)).out, /1 added, 0 modified, 1 deleted$/);
  const same = await cli('flows', 'diff', path);
  t.deepEqual(same, { code: 0, out: '', err: '' });
  const listed = await file(t, (await cli('flows', 'list', '--json')).out);
  t.is((await cli('flows', 'diff', listed)).code, 0);
});

test('flows come from standard input too', async (t) => {
  const { socket } = await running(t);
  const added = await vswitch(['flows', 'add', '-f', '-'], { VSWITCH_SOCKET: socket }, line);
  t.regex(added.out, /1 added/);
});

test("a tenant's flows are its own", async (t) => {
  const { cli } = await running(t);
  t.is((await cli('flows', 'add', '-t', 'red', 'in_port=gw-r1,actions=output:gw-r2')).code, 0);
  t.is((await cli('flows', 'list', '--ofctl')).out, '');
  t.true((await cli('flows', 'list', '-t', 'red')).out.includes('gw-r2'));
  t.true((await cli('flows', 'list', '--all')).out.includes('derived'));
  const leaving = await cli('flows', 'add', '-t', 'red', 'in_port=gw-r1,actions=output:gw-b1');
  t.is(leaving.code, 77);
  t.true(leaving.err.includes('FLOW_ISOLATION') && leaving.err.includes('/operations/0/flow/actions/0/port'), leaving.err);
});

test('faults are told with place, value and remedy, on standard error', async (t) => {
  const { cli } = await running(t);
  const bad = await cli('flows', 'add', '{"match":{"in_port":"nowhere","tcp_dst":80},"actions":[]}');
  t.is(bad.code, 65);
  t.is(bad.out, '');
  t.true(bad.err.includes('/operations/0/flow/match/in_port') && bad.err.includes('/operations/0/flow/match/tcp_dst'), bad.err);
  const ofctl = await cli('flows', 'add', 'in_port=up,nw_dts=1.2.3.4,actions=drop');
  t.true(ofctl.code === 65 && ofctl.err.includes('nw_dts'), ofctl.err);
});

test('--if-match refuses what was based on an old generation', async (t) => {
  const { cli } = await running(t);
  await cli('flows', 'add', line);
  t.is((await cli('flows', 'del', '--all', '--if-match', '0')).code, 75);
  t.is((await cli('flows', 'list', '--ofctl')).out.split('\n').length, 1);
});

test('ports are listed, added and removed', async (t) => {
  const { cli } = await running(t);
  t.is((await cli('ports', 'add', 'gw-r3', 'null', 'tenant=red', 'packetSize=128')).code, 0);
  t.regex((await cli('ports')).out, /^ *5 +gw-r3 +gw red +null /m);
  t.is((await cli('ports', 'remove', 'gw-r3')).out, 'gw-r3 is closed');
  t.false((await cli('ports', 'list')).out.includes('gw-r3'));
  t.is((await cli('ports', 'remove', 'gw-r3')).code, 65);
});

test('policy is allowed and refused, one way or both', async (t) => {
  const { cli } = await running(t);
  t.is((await cli('policy', 'allow', 'red', 'blue', '--both')).code, 0);
  t.regex((await cli('policy')).out, /^red +blue$/m);
  t.regex((await cli('policy', 'list')).out, /^blue +red$/m);
  await cli('policy', 'refuse', 'blue', 'red');
  t.notRegex((await cli('policy')).out, /^blue/m);
  await cli('policy', 'allow', 'red', 'blue');
  t.is((JSON.parse((await cli('--json', 'policy')).out) as PolicyView).policy.length, 1);
});

test('shares are shown and changed; several tenants in one change', async (t) => {
  const { cli, native } = await running(t);
  const changed = await cli('shares', 'set', 'red', 'guaranteed=30', 'cap=60', 'blue', 'weight=200');
  t.is(changed.code, 0, changed.err);
  t.regex(changed.out, /^red +100 +30 % +60 %$/m);
  t.regex((await cli('shares')).out, /^blue +200 +0 % +none$/m);
  t.regex((await cli('shares', 'set', 'red', 'cap=none')).out, /^red +100 +30 % +none$/m);
  t.deepEqual([...(native.shares?.subarray(3, 6) ?? [])], [100, 300, 0]);
  const refused = await cli('shares', 'set', 'blue', 'guaranteed=71');
  t.is(refused.code, 73);
  t.regex(refused.err, /guaranteed 101 percent of each core together: red 30, blue 71/);
  for (const words of [['cap=3'], ['red', 'share=3'], ['red', 'cap=few'], ['red', 'weight=none']])
    t.is((await cli('shares', 'set', ...words)).code, 64, words.join(' '));
});

test('tenants, usage and top', async (t) => {
  const { cli, native } = await running(t);
  native.counters.set('tenant:1:drop_policy_refused', 4n);
  t.true((await cli('tenants')).out.includes('10.1.0.0/24 gw 10.1.0.1'));
  t.regex((await cli('usage')).out, /^red +policy_refused +4 /m);
  const { out } = await cli('top', '-n', '2', '-i', '0.05');
  t.is(out.match(/^Ports$/gm)?.length, 2);
});

test('where nothing answers: which socket, and what to do', async (t) => {
  const gone = await vswitch(['--socket', '/nonexistent/a.sock', 'ports']);
  t.is(gone.code, 69);
  t.true(gone.err.includes('/nonexistent/a.sock') && gone.err.includes('vswitch run'), gone.err);
});

test('wrong use is exit code 64, help is 0', async (t) => {
  t.is((await vswitch(['fly'])).code, 64);
  t.is((await vswitch(['flows', 'add'])).code, 64);
  t.is((await vswitch(['top', '-i', 'never'])).code, 64);
  t.is((await vswitch(['--url', 'http://127.0.0.1:1', 'ports'])).code, 64);
  const help = await vswitch(['--help']);
  t.is(help.code, 0);
  t.regex(help.out, /77 +FLOW_ISOLATION, UNAUTHORIZED/);
});

test('version and completion need no switch', async (t) => {
  t.regex((await vswitch(['version'])).out, /^vswitch \d+\.\d+\.\d+, Node v/);
  t.regex((await vswitch(['completion', 'bash'])).out, /'vswitch flows'\) words='list add modify del replace diff /);
});
