import test, { type ExecutionContext } from 'ava';
import { bands } from '../../../src/model/flow.js';
import { headerNames } from '../../../src/model/header.js';
import type { Io } from '../../../src/cli/io.js';
import { main } from '../../../src/cli/main.js';
import { runningSwitch } from '../../support/running-switch.js';

async function running(t: ExecutionContext) {
  const { socket, native } = await runningSwitch(t);
  const cli = async (args: readonly string[], stdin = '') => {
    const out: string[] = [];
    const err: string[] = [];
    const io: Io = {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      env: {},
      readStdin: async () => stdin,
      terminal: { interactive: false, columns: 200, rows: 50 },
    };
    const code = await main(['--socket', socket, ...args], io);
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  return { native, cli, run: async (...args: string[]) => (await cli(args)).out };
}

const group = (id: number) =>
  JSON.stringify({ group: id, type: 'all', buckets: [{ actions: [{ type: 'output', port: 'up' }] }] });
const meter = (id: number) => JSON.stringify({ meter: id, unit: 'pktps', bands: [{ type: 'drop', rate: 9 }] });

test('groups are added, listed, put back, and deleted with the flows that use them', async (t) => {
  const { cli, run } = await running(t);
  t.regex(
    await run('groups', 'add', group(1), group(2)),
    /^generation \d+: 0 added, .*; groups: 2 added, 0 modified, 0 deleted$/,
  );
  t.regex(await run('flows', 'add', 'priority=4,actions=group:1'), / 1 added/);
  const listed = await run('groups');
  t.regex(
    listed,
    /^OWNER +GROUP +TYPE +packets +bytes +BUCKETS\noperator +1 +all +0 +0 +\{"actions":\[\{"type":"output","port":"up"\}\]\}/,
  );
  const json = await run('--json', 'groups', 'list');
  const again = await cli(['groups', 'modify', '--file', '-'], json);
  t.regex(again.out, /0 added, 0 modified, 0 deleted$/, again.err);
  t.regex(await run('groups', 'del', '1'), /1 deleted; groups: 0 added, 0 modified, 1 deleted$/);
  t.regex(await run('groups', 'del', '--all'), /groups: 0 added, 0 modified, 1 deleted$/);
});

test('meters of a tenant', async (t) => {
  const { cli, native, run } = await running(t);
  t.regex(await run('meters', 'add', '-t', 'red', meter(7)), /meters: 1 added/);
  native.meterHits.set(0, [3n, 300n, 1n, 0n, 2n]);
  t.regex(await run('meters', 'list', '--tenant', 'red'), /\nred +7 +3 +300 +1 +0 +2 +\{/);
  t.regex(await run('meters', 'list', '--all'), /\nred +7 /);
  t.notRegex(await run('meters', 'list'), /\nred/);
  const bad = await cli(['meters', 'add', '-t', 'red', meter(7)]);
  t.is(bad.code, 65);
  t.true(bad.err.includes('/operations/0/meter/meter'));
  t.is((await cli(['meters', 'del', 'seven'])).code, 64);
});

test('flows are deleted and modified loosely, as ovs-ofctl does', async (t) => {
  const { run } = await running(t);
  await run(
    'flows',
    'add',
    'table=2,priority=1,cookie=0x11,ip,nw_dst=10.0.0.1,actions=output:up',
    'priority=2,cookie=0x12,ip,actions=drop',
    'priority=3,arp,actions=drop',
  );
  t.regex(await run('flows', 'mod', '--loose', 'ip,actions=output:gw-r1'), / 2 modified/);
  t.regex(await run('flows', 'del', '--loose', 'cookie=0x11/0xff'), / 1 deleted$/);
  t.regex(await run('flows', 'delete', '--loose', '--out-port', 'up', ''), / 0 deleted$/);
  t.regex(await run('flows', 'delete', '--loose', '--out-port', 'gw-r1', ''), / 1 deleted$/);
  t.is(await run('flows', 'dump', '--ofctl'), 'priority=3,arp,actions=drop');
});

test('an overlap is refused where it is asked for', async (t) => {
  const { cli, run } = await running(t);
  await run('flows', 'add', 'priority=2,ip,actions=drop');
  const { code, err } = await cli(['flows', 'add', '--check-overlap', 'priority=2,in_port=up,actions=drop']);
  t.is(code, 65);
  t.true(err.includes('OFPFMFC_OVERLAP'));
});

test('tables and the parser', async (t) => {
  const { native, run } = await running(t);
  native.tableHits.set('2/0', [10n, 7n, 5n, 200n]);
  t.regex(await run('tables'), /\nblue +0 +\d+ +\d+ +10 +7 +40(\n|$)/);
  t.notRegex(await run('tables', 'list', '-t', 'red'), /blue/);
  await run('flows', 'add', 'in_port=up,ip,actions=drop');
  const rule = [...native.rules.values()].find(({ rank }) => rank >> 16 === bands.operator);
  native.plan = [
    { port: 1, header: headerNames.indexOf('ipv4'), rule: rule?.id },
    { port: 2, header: headerNames.indexOf('vlan'), rule: undefined },
  ];
  t.regex(await run('parser'), /^PORT +HEADER +BECAUSE OF\nup +ipv4 +flow \d+\ngw-r1 +vlan +steering$/);
});

test('a table is explained', async (t) => {
  const { native, run } = await running(t);
  t.is(await run('tables', 'explain', '5'), 'no flow is in table 5');
  await run('flows', 'add', '--tenant', 'red', 'table=5,ip,actions=drop');
  const exact = { template: 'exact', memoryBytes: 4096, maxProbes: 3 };
  native.reports = [{ slot: 1, table: 5, ...exact, parts: [exact] }];
  const text = await run('tables', 'explain', '5');
  t.regex(
    text,
    /^table 5 of tenant red: exact\n.*one hash table.*\n {2}1 rules of 1 masks, 4184 bytes a rule.*\n {2}4 KiB of memory, of at most 262144 KiB\n/,
  );
  t.regex(
    text,
    /compares at most 3 cells.*\n {2}measured: 0 cycles a look-up over 0, 0 of late\n.*SUB-TABLE.*\n *1 +exact +4 KiB +3/,
  );
});
