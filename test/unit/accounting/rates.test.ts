import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { conservationError, ratesBetween } from '../../../src/accounting/rates.js';
import { noTraffic, snapshotAt, tenantCounters, workerCounters } from '../../support/snapshot.js';

test('a tenant: packets, bits, cycles per packet, cores, drops', (t) => {
  const earlier = tenantCounters({ rxPackets: 100n, rxBytes: 10_000n }, { rx: 50n }, { policy_refused: 3n });
  const later = tenantCounters(
    { rxPackets: 1100n, rxBytes: 74_000n, txPackets: 900n, txBytes: 57_600n },
    { rx: 50_000_050n, match: 200_000_000n },
    { policy_refused: 103n },
  );
  const { intervalMs, tenants } = ratesBetween(snapshotAt(1000, { tenants: [earlier] }), snapshotAt(1500, { tenants: [later] }));
  t.is(intervalMs, 500);
  t.like(tenants[0], { rxPacketsPerS: 2000, rxBitsPerS: 1_024_000, txPacketsPerS: 1800, txBitsPerS: 921_600 });
  t.like(tenants[0], { cyclesPerPacket: 250_000, coreShare: 0.5, dropsPerS: { policy_refused: 200, table_miss: 0 } });
});

test('two workers can keep more than one core busy for a tenant', (t) => {
  const later = tenantCounters({ rxPackets: 1n }, { act: 1_500_000_000n });
  const { tenants } = ratesBetween(snapshotAt(0, { tenants: [tenantCounters()] }), snapshotAt(1000, { tenants: [later] }));
  t.is(tenants[0]?.coreShare, 1.5);
});

test('a port counts from 0 where the earlier reading did not have it', (t) => {
  const later = { ...noTraffic, txPackets: 10n, txBytes: 640n };
  const { ports } = ratesBetween(snapshotAt(0, { ports: [noTraffic] }), snapshotAt(2000, { ports: [noTraffic, later] }));
  t.deepEqual(ports[1], { rxPacketsPerS: 0, rxBitsPerS: 0, txPacketsPerS: 5, txBitsPerS: 2560 });
});

test('a worker: shares of the elapsed cycles in the interval', (t) => {
  const before = workerCounters({ elapsed: 1000n, busy: 900n, idle: 100n });
  const after = workerCounters({ elapsed: 2000n, busy: 1150n, idle: 700n, overhead: 100n, stolen: 50n });
  const { workers } = ratesBetween(snapshotAt(0, { workers: [before] }), snapshotAt(1, { workers: [after] }));
  t.deepEqual(workers, [{ busy: 0.25, idle: 0.6, overhead: 0.1, stolen: 0.05 }]);
});

test('where no time passed and nothing came, rates are 0 and not NaN', (t) => {
  const reading = snapshotAt(7, { tenants: [tenantCounters()], ports: [noTraffic], workers: [workerCounters()] });
  const { tenants, ports, workers, intervalMs, conservationError } = ratesBetween(reading, reading);
  const { dropsPerS, ...rates } = tenants[0]!;
  const numbers = [rates, dropsPerS, ports[0]!, workers[0]!].flatMap((group) => Object.values({ ...group }));
  t.true(numbers.length > 20);
  t.deepEqual([...new Set([...numbers, intervalMs, conservationError])], [0]);
});

test('conservation: cycles that no kind explains, and busy ones that no tenant is charged', (t) => {
  const start = snapshotAt(0, { workers: [workerCounters()], tenants: [tenantCounters()] });
  const reading = (idle: bigint, charged: bigint) =>
    snapshotAt(1, {
      workers: [workerCounters({ elapsed: 1000n, busy: 400n, idle, overhead: 50n, stolen: 50n })],
      tenants: [tenantCounters({}, { rx: charged })],
    });
  t.is(conservationError(start, reading(500n, 400n)), 0);
  t.is(conservationError(start, reading(490n, 400n)), 0.01);
  t.is(conservationError(start, reading(510n, 400n)), 0.01);
  t.is(conservationError(start, reading(500n, 300n)), 0.1);
  t.is(conservationError(start, reading(490n, 425n)), 0.025);
});

const share = fc.bigInt({ min: 0n, max: 2n ** 60n });
testProp('where the kinds add up, so do the shares', [share, share, share, share], (t, busy, idle, overhead, stolen) => {
  const counters = workerCounters({ elapsed: busy + idle + overhead + stolen, busy, idle, overhead, stolen });
  const start = snapshotAt(0, { workers: [workerCounters()], tenants: [tenantCounters()] });
  const end = snapshotAt(1, { workers: [counters], tenants: [tenantCounters({}, { tx: busy })] });
  const { workers, conservationError } = ratesBetween(start, end);
  const sum = Object.values({ ...workers[0]! }).reduce((total, part) => total + part, 0);
  t.is(conservationError, 0);
  t.true(counters.elapsed === 0n ? sum === 0 : Math.abs(sum - 1) < 1e-9);
});
