import test from 'ava';
import type { VswitchConfig } from '../../../src/config/schema.js';
import { planFleet, type FleetFile } from '../../../src/fleet/plan.js';

const config = (name: string, more: Partial<VswitchConfig> = {}): VswitchConfig => ({
  name,
  workers: { cores: [1] },
  ports: {},
  ...more,
});
const a = (more: Partial<VswitchConfig> = {}): FleetFile => ({ file: 'a.json', config: config('a', more) });
const b = (more: Partial<VswitchConfig> = {}): FleetFile => ({ file: 'b.json', config: config('b', more) });
const tcp = { tcp: { port: 8080, token: 'a token of some length' } };

test('instances of different names on one core are planned in the order of their files', (t) => {
  const { members, faults } = planFleet([a({ memory: { hugepages: 'never' } }), b({ api: { socket: '/run/b' } })]);
  t.deepEqual(faults, []);
  t.deepEqual(members, [
    { file: 'a.json', name: 'a', socket: '/run/mts-vswitch/a.sock', hugepageMib: 0 },
    { file: 'b.json', name: 'b', socket: '/run/b', hugepageMib: 64 },
  ]);
});

const pci = (address: string): Partial<VswitchConfig> => ({ ports: { p: { type: 'pci', address, tenant: 'red' } } });
const onInterface = (type: 'af_packet' | 'af_xdp' | 'tap'): Partial<VswitchConfig> => ({
  ports: { p: { type, interface: 'eth7', tenant: 'red' } },
});
const memif = (mode: 'server' | 'client', id = 0): Partial<VswitchConfig> => ({
  ports: { p: { type: 'memif', socket: '/run/memif', id, mode, tenant: 'red' } },
});
const vhost = (client: boolean): Partial<VswitchConfig> => ({
  ports: { p: { type: 'vhost_user', path: '/run/vhost', client, tenant: 'red' } },
});

const collisions: [string, Partial<VswitchConfig>, Partial<VswitchConfig>, string, string][] = [
  ['API socket', { api: { socket: '/run/x' } }, { api: { socket: '/run/x' } }, '/api/socket', '/api/socket'],
  ['socket that is the other’s by its name', {}, { api: { socket: '/run/mts-vswitch/a.sock' } }, '/api/socket', '/name'],
  [
    'usage ledger',
    { accounting: { ledger: { path: '/var/x' } } },
    { accounting: { ledger: { path: '/var/x' } } },
    '/accounting/ledger/path',
    '/accounting/ledger/path',
  ],
  ['TCP port', { api: tcp }, { api: tcp }, '/api/tcp/port', '/api/tcp/port'],
  ['PCI device', pci('0000:3B:02.1'), pci('0000:3b:02.1'), '/ports/p/address', '/ports/p/address'],
  ['interface', onInterface('af_packet'), onInterface('af_xdp'), '/ports/p/interface', '/ports/p/interface'],
  ['tap', onInterface('tap'), onInterface('af_packet'), '/ports/p/interface', '/ports/p/interface'],
  ['memif', memif('server'), memif('server'), '/ports/p/socket', '/ports/p/socket'],
  ['vhost-user socket', vhost(false), vhost(false), '/ports/p/path', '/ports/p/path'],
];
for (const [what, first, second, pointer, before] of collisions) {
  test(`two instances cannot have the same ${what}: the fault names both files, and only the later one is left out`, (t) => {
    const { members, faults } = planFleet([a(first), b(second)]);
    t.deepEqual(
      faults.map((fault) => fault.pointer),
      [`b.json#${pointer}`],
    );
    t.regex(faults[0]?.message ?? '', new RegExp(`^a\\.json has this .*, too, at ${before}$`));
    t.deepEqual(
      members.map(({ file }) => file),
      ['a.json'],
    );
  });
}

test('the same name is one fault, although socket and ledger follow from it', (t) => {
  const { faults } = planFleet([a(), { file: 'c.json', config: config('a') }]);
  t.deepEqual(
    faults.map(({ pointer, message }) => [pointer, message]),
    [['c.json#/name', 'a.json has this name, too, at /name']],
  );
});

test('what is shared by its nature is no fault: clients of a socket, memifs of other ids, no ledger', (t) => {
  const none: Partial<VswitchConfig> = { accounting: { ledger: false } };
  for (const [first, second] of [
    [memif('server'), memif('client')],
    [memif('server', 1), memif('server', 2)],
    [vhost(false), vhost(true)],
    [none, none],
  ] as const)
    t.deepEqual(planFleet([a(first), b(second)]).faults, []);
});

test('who polls always has its cores alone; adaptive instances share one', (t) => {
  const poll = { workers: { cores: [1, 2], idle: { mode: 'poll' } } } satisfies Partial<VswitchConfig>;
  const { faults, members } = planFleet([a(poll), b(), { file: 'c.json', config: config('c') }]);
  t.deepEqual(
    faults.map(({ pointer, message }) => [pointer, message]),
    [['a.json#/workers/idle/mode', 'core 1 would always be polled, and is of b.json, c.json, too']],
  );
  t.deepEqual(
    members.map(({ name }) => name),
    ['b', 'c'],
  );
  t.deepEqual(planFleet([a(poll), b({ workers: { cores: [3] } })]).faults, []);
});

test('all faults of all files are in one report, beside what the sound files have against each other', (t) => {
  const bad: FleetFile = { file: 'bad.json', faults: [{ pointer: '/name', message: 'is missing' }] };
  const { faults, members } = planFleet([a({ api: tcp }), b({ api: tcp }), bad]);
  t.deepEqual(
    faults.map(({ pointer }) => pointer),
    ['bad.json#/name', 'b.json#/api/tcp/port'],
  );
  t.is(members.length, 1);
});
