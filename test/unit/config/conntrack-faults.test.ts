import test from 'ava';
import { checkConfig } from '../../../src/config/check.js';

const configOf = (entries: number, tenants: Readonly<Record<string, unknown>>): object => ({
  name: 'a',
  workers: { cores: [1] },
  ports: {},
  conntrack: { entries },
  tenants: Object.fromEntries(Object.entries(tenants).map(([name, conntrack]) => [name, { limits: { conntrack } }])),
});

test('tenants cannot keep more entries than there are', (t) => {
  t.deepEqual(checkConfig(configOf(1000, { a: { entries: 600 }, b: { entries: 400 } })), []);
  t.deepEqual(checkConfig(configOf(1000, { a: { entries: 600 }, b: { entries: 401 } })), [
    {
      pointer: '/conntrack/entries',
      value: 1000,
      message: 'limits.conntrack.entries of the tenants keep 1001 entries',
      remedy: 'give at least 1001, or keep fewer',
    },
  ]);
});

test('a tenant that keeps none still gets one', (t) => {
  const [fault] = checkConfig(configOf(1000, { a: { entries: 1000 }, b: {} }));
  t.is(fault?.pointer, '/conntrack/entries');
  t.regex(fault?.message ?? '', /1 more tenants need some/);
});

test('a zone is a number of 16 bits', (t) => {
  const zones = { 0: {}, 5: { entries: 7 }, 65535: { newPerSecond: 1 }, 65536: {}, web: {}, '05': {} };
  const faults = checkConfig(configOf(1000, { a: { zones } }));
  t.deepEqual(
    faults.map(({ pointer }) => pointer),
    ['65536', 'web', '05'].map((zone) => `/tenants/a/limits/conntrack/zones/${zone}`),
  );
  t.is(faults[0]?.remedy, 'give a number, 0 to 65535');
});

test('faults of the values name them', (t) => {
  const faults = checkConfig({ ...configOf(1000, {}), conntrack: { entries: 5, timeouts: { udp: 1, tcp_closed: 1 } } });
  t.deepEqual(
    faults.map(({ pointer }) => pointer),
    ['/conntrack/entries', '/conntrack/timeouts/udp', '/conntrack/timeouts/tcp_closed'],
  );
});
