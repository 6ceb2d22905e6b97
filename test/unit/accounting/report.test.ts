import test from 'ava';
import { reportOf, usageOf } from '../../../src/accounting/report.js';
import { noTraffic, snapshotAt, tenantCounters, upkeepCounters, workerCounters } from '../../support/snapshot.js';
import { tariffOf, usageOf as usage } from '../../support/tariffs.js';

const names = { tenants: [{ slot: 2, name: 'blue' }], ports: [{ number: 1, name: 'up' }] };
const prices = tariffOf({ perGigacycleMicro: 1000, perMillionPacketsMicro: 500, perMibHourMicro: 7, perCoreHourMicro: 40 });
const at = new Date('2026-01-02T03:04:05.678Z');

const blue = tenantCounters({ rxPackets: 4_000_000n, rxBytes: 5n, txPackets: 9n }, { rx: 1_000_000_000n, act: 2_000_000_000n });
const now = snapshotAt(3000, {
  tenants: [tenantCounters({ rxPackets: 7n }), tenantCounters({ rxPackets: 8n }), blue],
  ports: [noTraffic, { ...noTraffic, txBytes: 100n }],
  workers: [workerCounters({ core: 5, elapsed: 10n, idle: 10n })],
});
const before = snapshotAt(1000, {
  tenants: [tenantCounters(), tenantCounters(), tenantCounters()],
  ports: [noTraffic, noTraffic],
});

const upkeepOf = (slot: number) =>
  upkeepCounters(slot === 2 ? { memoryByteSeconds: 3600n << 21n, reservedCoreSeconds: 1800n } : {});
const parts = { before, now, at, names, tariffOf: () => prices, upkeepOf };

test('a tenant is billed for all cycles, for what was received, for memory and what is reserved', (t) => {
  t.deepEqual(
    usageOf(blue, upkeepOf(2)),
    usage({
      cycles: 3_000_000_000n,
      bytes: 5n,
      packets: 4_000_000n,
      memoryByteSeconds: 3600n << 21n,
      reservedCoreSeconds: 1800n,
    }),
  );
});

test('totals and the bill are since the start, rates of the interval', (t) => {
  const report = reportOf(parts);
  t.like(report, { at: '2026-01-02T03:04:05.678Z', intervalMs: 2000, tscHz: 1e9 });
  const entry = report.tenants.find(({ slot }) => slot === 2);
  t.like(entry, { tenant: 'blue', totals: blue, rates: { rxPacketsPerS: 2e6, coreShare: 1.5 } });
  t.is(entry?.bill?.totalMicro, 3000n + 2000n + 2n * 7n + 20n);
});

test('packets of no tenant are shown and never billed; slots without a name are left out', (t) => {
  const { tenants } = reportOf(parts);
  t.deepEqual(
    tenants.map(({ slot, tenant, bill }) => [slot, tenant, bill?.currency]),
    [
      [0, null, undefined],
      [2, 'blue', 'EUR'],
    ],
  );
  t.is(tenants[0]?.totals.rxPackets, 7n);
});

test('without a tariff nobody is billed', (t) => {
  t.deepEqual(
    reportOf({ ...parts, tariffOf: () => undefined }).tenants.map(({ bill }) => bill),
    [null, null],
  );
});

test('ports by name, workers by core', (t) => {
  const { ports, workers } = reportOf(parts);
  t.deepEqual(
    ports.map(({ port, number, totals, rates }) => [port, number, totals.txBytes, rates.txBitsPerS]),
    [['up', 1, 100n, 400]],
  );
  t.like(workers[0], { worker: 0, core: 5, shares: { idle: 1 }, totals: { elapsed: 10n } });
  t.false('core' in workers[0]!.totals);
});

test('a port or tenant that the data plane does not count is left out', (t) => {
  const others = { tenants: [{ slot: 3, name: 'green' }], ports: [{ number: 2, name: 'gw' }] };
  const { ports, tenants } = reportOf({ ...parts, names: others });
  t.deepEqual([ports.length, tenants.length], [0, 1]);
});
