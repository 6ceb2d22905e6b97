import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { Compile } from 'typebox/compile';
import { checkConfig } from '../../../src/config/check.js';
import { configSchema } from '../../../src/config/schema.js';
import { configFaults } from '../../../src/flow/check-file.js';
import { jsonPointer } from '../../../src/model/errors.js';
import { labConfig } from '../../support/topology.js';

/** The lab's config with the value at a pointer replaced; undefined removes it. */
function changed(...edits: readonly (readonly [pointer: string, value: unknown])[]): unknown {
  const config: unknown = structuredClone(labConfig);
  for (const [pointer, value] of edits) {
    const keys = pointer.slice(1).split('/');
    const last = keys.pop() ?? '';
    let at = config as Record<string, unknown>;
    for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
    if (value === undefined) Reflect.deleteProperty(at, last);
    else at[last] = value;
  }
  return config;
}

const faultsAt = (config: unknown) => configFaults(config).map((fault) => fault.pointer);

test('the lab has no faults', (t) => {
  t.deepEqual(configFaults(labConfig), []);
});

test('ten different faults are ten faults, each with value, message and remedy', (t) => {
  const config = changed(
    ['/name', 'no name!'],
    ['/workers/cores', [0, 0]],
    ['/ports/r1/mtuu', 1500],
    ['/ports/b1/tenant', 'blu'],
    ['/ports/up/type', 'nul'],
    ['/uplink/nextHopMac', '01:00:5e:00:00:01'],
    ['/tenants/red/networks/0/gateway', '10.9.0.1'],
    ['/tenants/blue/networks/0/prefix', '10.2.0.7/24'],
    ['/policy', [{ from: 'red', to: 'green' }]],
    [
      '/flows',
      [
        { match: { in_port: 'r9' }, actions: [] },
        { match: { tcp_dst: 80 }, actions: [] },
      ],
    ],
  );
  const faults = configFaults(config);
  const expected = [
    '/name',
    '/workers/cores/1',
    '/ports/r1/mtuu',
    '/ports/b1/tenant',
    '/ports/up/type',
    '/uplink/nextHopMac',
    '/tenants/red/networks/0/gateway',
    '/tenants/blue/networks/0/prefix',
    '/policy/0/to',
    '/flows/0/match/in_port',
    '/flows/1/match/tcp_dst',
  ];
  for (const pointer of expected)
    t.true(
      faults.some((fault) => fault.pointer === pointer),
      pointer,
    );
  t.true(faults.every((fault) => fault.message !== '' && fault.remedy !== undefined && 'value' in fault));
  t.true(faults.find((fault) => fault.pointer === '/ports/r1/mtuu')?.remedy?.includes('mtu'));
  t.true(faults.find((fault) => fault.pointer === '/ports/b1/tenant')?.remedy?.includes('"blue"'));
});

for (const [what, pointer, edits] of [
  ['a core twice', '/workers/cores/1', [['/workers/cores', [3, 3]]]],
  [
    'a port of nobody',
    '/ports/b1',
    [
      ['/ports/b1/tenant', undefined],
      ['/tenants/blue/vms', undefined],
    ],
  ],
  [
    'a port of the uplink and a tenant',
    '/ports/up',
    [
      ['/ports/up/tenant', 'red'],
      ['/uplink', undefined],
    ],
  ],
  [
    'a tenant that is not there',
    '/ports/r2/tenant',
    [
      ['/ports/r2/tenant', 'green'],
      ['/tenants/red/vms/vm2', undefined],
    ],
  ],
  ['a port with the reserved name', '/ports/in_port', [['/ports/in_port', { type: 'null', tenant: 'red' }]]],
  [
    'an interface twice',
    '/ports/y/interface',
    [
      ['/ports/x', { type: 'af_packet', interface: 'eth1', tenant: 'red' }],
      ['/ports/y', { type: 'tap', interface: 'eth1', tenant: 'red' }],
    ],
  ],
  [
    'a VF twice',
    '/ports/y/address',
    [
      ['/ports/x', { type: 'pci', address: '0000:03:02.1', tenant: 'red' }],
      ['/ports/y', { type: 'pci', address: '0000:03:02.1', tenant: 'blue' }],
    ],
  ],
  [
    'a vhost path twice',
    '/ports/y/path',
    [
      ['/ports/x', { type: 'vhost_user', path: '/run/a', tenant: 'red' }],
      ['/ports/y', { type: 'vhost_user', path: '/run/a', tenant: 'blue' }],
    ],
  ],
  ['a pcap port without files', '/ports/x', [['/ports/x', { type: 'pcap', tenant: 'red' }]]],
  ['nothing to repeat', '/ports/x/infinite', [['/ports/x', { type: 'pcap', tenant: 'red', txFile: '/tmp/x', infinite: true }]]],
  ['a VM at no port', '/tenants/red/vms/vm2/port', [['/tenants/red/vms/vm2/port', 'r3']]],
  ["a VM at another tenant's port", '/tenants/red/vms/vm2/port', [['/tenants/red/vms/vm2/port', 'b1']]],
  ['a VM at the uplink', '/tenants/red/vms/vm2/port', [['/tenants/red/vms/vm2/port', 'up']]],
  ['an uplink at no port', '/uplink/port', [['/uplink/port', 'upp']]],
  ["an uplink at a tenant's port", '/uplink/port', [['/uplink/port', 'r1']]],
  ['a MAC address twice', '/tenants/red/vms/vm1/mac', [['/tenants/red/vms/vm1/mac', '02:00:00:00:01:01']]],
  ['the MAC address of a group', '/tenants/red/vms/vm1/mac', [['/tenants/red/vms/vm1/mac', '03:00:00:00:01:01']]],
  ['no MAC address', '/ports/r1/mac', [['/ports/r1/mac', '00:00:00:00:00:00']]],
  ['an address that is none', '/tenants/red/vms/vm2/addresses/0', [['/tenants/red/vms/vm2/addresses', ['10.1.0.300']]]],
  ['an address outside its networks', '/tenants/red/vms/vm2/addresses/0', [['/tenants/red/vms/vm2/addresses', ['10.2.0.12']]]],
  ["the gateway's address", '/tenants/red/vms/vm2/addresses/0', [['/tenants/red/vms/vm2/addresses', ['10.1.0.1']]]],
  ["the network's own address", '/tenants/red/vms/vm2/addresses/0', [['/tenants/red/vms/vm2/addresses', ['10.1.0.0']]]],
  ['the broadcast address', '/tenants/red/vms/vm2/addresses/0', [['/tenants/red/vms/vm2/addresses', ['10.1.0.255']]]],
  [
    'an address twice',
    '/tenants/red/vms/vm2/addresses/0',
    [
      ['/tenants/red/vms/vm2/addresses', ['10.1.0.11']],
      ['/tenants/red/vms/vm1/addresses', ['10.1.0.11']],
    ],
  ],
  ['a gateway outside', '/tenants/blue/networks/0/gateway', [['/tenants/blue/networks/0/gateway', '10.1.0.9']]],
  ['a gateway of the other family', '/tenants/blue/networks/0/gateway', [['/tenants/blue/networks/0/gateway', 'fd00:2::9']]],
  [
    'a prefix that is none',
    '/tenants/blue/networks/1/prefix',
    [
      ['/tenants/blue/networks/1/prefix', '10.2.0.0-255'],
      ['/tenants/blue/vms', undefined],
    ],
  ],
  ['host bits', '/tenants/blue/networks/0/prefix', [['/tenants/blue/networks/0/prefix', '10.2.0.128/24']]],
  [
    "another tenant's addresses",
    '/tenants/blue/networks/0/prefix',
    [
      ['/tenants/blue/networks/0', { prefix: '10.1.0.128/25', gateway: '10.1.0.129' }],
      ['/tenants/blue/vms', undefined],
    ],
  ],
  ["an uplink in a tenant's network", '/uplink/addresses/0', [['/uplink/addresses', ['10.1.0.77']]]],
  ['a policy for itself', '/policy/0', [['/policy', [{ from: 'red', to: 'red' }]]]],
  [
    'a policy twice',
    '/policy/1',
    [
      [
        '/policy',
        [
          { from: 'red', to: 'blue' },
          { from: 'red', to: 'blue' },
        ],
      ],
    ],
  ],
  [
    "a tenant's flow to another's port",
    '/tenants/red/flows/0/actions/0/port',
    [['/tenants/red/flows', [{ actions: [{ type: 'output', port: 'b1' }] }]]],
  ],
  [
    'more flows than the limit',
    '/tenants/red/flows',
    [
      ['/tenants/red/flows', [{ actions: [] }]],
      ['/tenants/red/limits', { rules: 0 }],
    ],
  ],
  ['a flow twice', '/flows/1', [['/flows', [{ actions: [] }, { actions: [{ type: 'drop' }] }]]]],
  ['an action that there is not', '/flows/0/actions/0/type', [['/flows', [{ actions: [{ type: 'fly' }] }]]]],
  ['a sleep that is too long', '/workers/idle/maxSleepUs', [['/workers/idle', { mode: 'adaptive', maxSleepUs: 1e6 }]]],
  ['a port name with a space', '/ports/a b', [['/ports/a b', { type: 'null', tenant: 'red' }]]],
] as const) {
  test(`one fault, in its place: ${what}`, (t) => {
    t.deepEqual(faultsAt(changed(...edits)), [pointer]);
  });
}

test('a policy lets a flow of the config go there', (t) => {
  const flows = [{ actions: [{ type: 'output', port: 'b1' }] }];
  t.deepEqual(faultsAt(changed(['/tenants/red/flows', flows], ['/policy', [{ from: 'red', to: 'blue' }]])), []);
});

test('a port with a fault of its own is not also missing', (t) => {
  t.deepEqual(faultsAt(changed(['/ports/r1/mtu', 'big'], ['/flows', [{ match: { in_port: 'r1' }, actions: [] }]])), [
    '/ports/r1/mtu',
  ]);
});

test('what is no config at all', (t) => {
  for (const value of [
    null,
    undefined,
    5,
    'x',
    [],
    {},
    { ports: 5, tenants: [], flows: {}, workers: null, policy: 'x', uplink: 1 },
  ])
    t.true(configFaults(value).length > 0);
});

const compiled = Compile(configSchema);
const paths = ['name', 'workers', 'ports', 'uplink', 'tenants', 'policy', 'flows', 'limits', 'api', 'pricing', 'memory', 'x'];

testProp(
  'any value anywhere: no exception, and no fault only where the schema agrees',
  [fc.constantFrom(...paths), fc.jsonValue()],
  (t, path, value) => {
    const config = changed([jsonPointer(path), value]);
    const faults = checkConfig(config);
    if (faults.length === 0) t.true(compiled.Check(config));
    else t.true(faults.every((fault) => fault.pointer === '' || fault.pointer.startsWith('/')));
  },
);
