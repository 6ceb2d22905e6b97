import test from 'ava';
import { loadAddon } from '../../src/switch/binding.js';
import { encodeTransaction } from '../../src/switch/codec.js';
import type { NativeError, NativeSwitch } from '../../src/switch/native.js';
import { portNumber } from '../../src/model/ids.js';
import type { FieldMatch, FieldName } from '../../src/model/match.js';
import type { Rule } from '../../src/switch/types.js';
import { transaction } from '../support/transaction.js';
import { nullPort, startOptions, until } from './support/switch.js';

// One process, one EAL: these tests run in order on the same switch.
const addon = loadAddon();
const sw = addon.createSwitch();

const rule = (id: number, match: [FieldName, FieldMatch][], output: number): Rule => ({
  id,
  slot: 0,
  table: 0,
  rank: 1,
  match: new Map(match),
  actions: [{ type: 'output', port: portNumber(output) }],
});
const encoded = (add: Rule[], remove: number[] = []): Uint8Array =>
  encodeTransaction(transaction({ add, remove: remove.map((id) => ({ id, slot: 0, table: 0 })) }));
const apply = async (add: Rule[], remove?: number[]): Promise<bigint> => applied(encoded(add, remove));
const applied = async (bytes: Uint8Array): Promise<bigint> => {
  const { generation, error } = await sw.apply([bytes]);
  if (error) throw error;
  return generation;
};
const failure = async (promise: Promise<unknown>): Promise<NativeError> => {
  const [outcome] = await Promise.allSettled([promise]);
  if (outcome.status === 'fulfilled') throw new Error('it was accepted');
  return outcome.reason as NativeError;
};
const fromPort = (port: bigint): [FieldName, FieldMatch][] => [['in_port', { value: port, mask: 0xffffn }]];

test.serial('every verb refuses before the start', async (t) => {
  t.is((await failure(sw.openPort(nullPort(1)))).code, 'CLOSED');
  t.is((await failure(applied(new Uint8Array(8)))).code, 'CLOSED');
  t.throws(() => sw.readCounters(new BigUint64Array(1 << 16)), { code: 'CLOSED' });
});

test.serial('arguments of the wrong type are refused by name, and crash nothing', (t) => {
  const anything = sw as unknown as Record<keyof NativeSwitch, (...values: unknown[]) => unknown>;
  const junk = [
    undefined,
    null,
    0,
    -1,
    1.5,
    NaN,
    2 ** 40,
    '',
    'x',
    {},
    [],
    () => undefined,
    new Uint8Array(3),
    new Float64Array(3),
    new BigUint64Array(0),
    1n,
    Symbol('s'),
  ];
  for (const verb of [
    'start',
    'openPort',
    'closePort',
    'portState',
    'apply',
    'readCounters',
    'readRuleCounters',
    'readGroupCounters',
    'readMeterCounters',
    'readTableCounters',
    'probe',
  ] as const) {
    for (const value of junk) {
      let thrown: unknown;
      try {
        const result: unknown = anything[verb](value, value);
        if (result instanceof Promise) result.catch(() => undefined);
      } catch (error) {
        thrown = error;
      }
      if (thrown !== undefined) t.true(thrown instanceof Error, `${verb} throws errors`);
    }
  }
  t.throws(() => anything.openPort({ ...nullPort(1), number: 0 }), {
    instanceOf: RangeError,
    message: /number must be an integer from 1 to 254/,
  });
  t.throws(() => anything.openPort({ ...nullPort(1), devargs: 7 }), {
    instanceOf: TypeError,
    message: /devargs must be a string/,
  });
  for (const wrong of ['x', new Uint8Array(8)])
    t.throws(() => anything.apply(wrong), { instanceOf: TypeError, message: /transactions must be an array/ });
  t.throws(() => anything.apply([7]), { instanceOf: TypeError, message: /transactions must be an array of Uint8Arrays/ });
});

test.serial('it starts, once', async (t) => {
  const info = await sw.start(startOptions());
  t.true(info.tscHz > 1_000_000_000n);
  t.false(info.hugepages);
  t.is((await failure(sw.start(startOptions()))).code, 'ALREADY_STARTED');
  t.is((await failure(addon.createSwitch().start(startOptions()))).code, 'ALREADY_STARTED');
});

test.serial('ports open, report and fail by step', async (t) => {
  const info = await sw.openPort(nullPort(1));
  t.like(info, { driver: 'net_null', rxQueues: 1, txQueues: 1 });
  t.regex(info.mac, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  await sw.openPort(nullPort(2, false));
  t.is((await failure(sw.openPort(nullPort(1)))).code, 'PORT_EXISTS');
  t.like(await failure(sw.openPort({ ...nullPort(3), devargs: 'net_af_packet3,iface=none' })), {
    code: 'PORT_FAILED',
    step: 'probe',
  });
  t.like(await failure(sw.openPort({ ...nullPort(3), devargs: 'no_such_driver' })), { code: 'PORT_FAILED', step: 'probe' });
  t.like(await failure(sw.openPort({ ...nullPort(3), devargs: 'net_ring3', mac: '01:00:00:00:00:01' })), {
    code: 'PORT_FAILED',
    step: 'mac',
  });
  // What failed left nothing behind.
  await sw.openPort({ ...nullPort(3), devargs: 'net_ring3' });
  t.true((await sw.portState(3)).linkUp);
});

test.serial('rules forward, count, and change while packets flow', async (t) => {
  const counts = new BigUint64Array(4);
  const read = (): bigint[] => {
    sw.readRuleCounters(Uint32Array.of(4, 5), counts);
    return [...counts];
  };
  const first = await apply([rule(4, fromPort(1n), 2)]);
  await until(() => (read()[0] ?? 0n) > 1000n);
  const [packets = 0n, bytes = 0n] = read();
  t.true(bytes >= packets * 60n);
  const second = await apply([rule(5, [], 2)], [4]);
  t.true(second > first);
  const [after = 0n] = read();
  await until(() => (read()[2] ?? 0n) > 1000n);
  t.is(read()[0], after, 'once apply has resolved no worker uses the old rule');
});

test.serial('a transaction that is refused changes nothing', async (t) => {
  t.is((await failure(apply([rule(6, [], 2), rule(5, [], 2)]))).code, 'BAD_TRANSACTION');
  t.is((await failure(apply([rule(16, [], 2)]))).code, 'LIMIT_EXCEEDED');
  const toGroup: Rule = { ...rule(6, [], 2), actions: [{ type: 'group', group: 7 }] };
  t.is((await failure(apply([toGroup]))).code, 'BAD_TRANSACTION', 'no group has that number');
  t.is((await failure(applied(new Uint8Array(64)))).code, 'BAD_TRANSACTION');
  await apply([rule(6, fromPort(3n), 2)]);
});

test.serial('of transactions that come together the first that fails ends them', async (t) => {
  const before = await apply([]);
  const { count, generation, error } = await sw.apply([
    encoded([rule(7, [], 2)]),
    encoded([rule(5, [], 2)]),
    encoded([rule(8, [], 2)]),
  ]);
  t.is(count, 1);
  t.is(generation, before + 1n);
  t.is(error?.code, 'BAD_TRANSACTION');
  t.is((await failure(apply([rule(7, [], 2)]))).code, 'BAD_TRANSACTION', 'the first was applied');
  t.is(await apply([rule(8, [], 2)], [7]), before + 2n, 'the last was not');
  t.is(await apply([], [8]), before + 3n);
});

test.serial('ports close while others forward', async (t) => {
  await sw.closePort(3);
  t.is((await failure(sw.closePort(3))).code, 'PORT_NOT_FOUND');
  t.is((await failure(sw.portState(3))).code, 'PORT_NOT_FOUND');
  const before = new BigUint64Array(2);
  const after = new BigUint64Array(2);
  sw.readRuleCounters(Uint32Array.of(5), before);
  await until(() => {
    sw.readRuleCounters(Uint32Array.of(5), after);
    return (after[0] ?? 0n) > (before[0] ?? 0n);
  });
  await sw.openPort({ ...nullPort(3), devargs: 'net_ring3' });
  t.like(await sw.portState(3), { linkUp: true }, 'the number and the device can be used again');
});

test.serial('counters conserve every cycle', (t) => {
  const out = new BigUint64Array(1 << 16);
  sw.readCounters(out);
  const description = addon.describe();
  const perTenant = description.tenantCounters.length;
  const names = description.workerCounters;
  const at = (name: string): bigint => out[names.indexOf(name)] ?? 0n;
  let sum = at('idle') + at('overhead') + at('stolen');
  const stages = description.tenantCounters.flatMap((name, i) => (name.startsWith('cycles_') ? [i] : []));
  for (let slot = 0; slot <= description.limits.tenants; slot++) {
    for (const stage of stages) sum += out[names.length + slot * perTenant + stage] ?? 0n;
  }
  const elapsed = at('now_tsc') - at('started_tsc');
  t.true(elapsed > 0n);
  // A reading is taken while the worker runs: a burst may be counted and its elapsed time not yet.
  t.true(Math.abs(Number(sum - elapsed)) < Number(elapsed) * 0.001, `${sum} of ${elapsed}`);
  t.throws(() => sw.readCounters(new BigUint64Array(8)), { instanceOf: RangeError });
});

test.serial('every verb refuses after the close', async (t) => {
  await sw.close();
  await sw.close();
  sw.closeSync();
  t.is((await failure(sw.openPort(nullPort(1)))).code, 'CLOSED');
  t.is((await failure(sw.portState(1))).code, 'CLOSED');
  t.is((await failure(apply([]))).code, 'CLOSED');
  t.is((await failure(sw.start(startOptions()))).code, 'CLOSED');
  t.throws(() => sw.readRuleCounters(Uint32Array.of(1), new BigUint64Array(2)), { code: 'CLOSED' });
});
