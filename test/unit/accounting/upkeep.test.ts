import test from 'ava';
import { Upkeep } from '../../../src/accounting/upkeep.js';
import { operator, tenantName, tenantOwner } from '../../../src/model/ids.js';
import { usageOf } from '../../../src/accounting/report.js';
import { fakeTscHz } from '../../support/fake-native.js';
import { startFakeSwitch } from '../../support/fake-switch.js';
import { tenantCounters, upkeepCounters } from '../../support/snapshot.js';

async function fixture() {
  const { dataPlane, native } = await startFakeSwitch();
  const clock = { ms: 0 };
  const shares = { reservedCoreSeconds: (slot: number) => BigInt(slot) };
  const tenants = [{ slot: 1, name: 'red' }];
  const cpuMs = new Map<number, number>();
  const pluginCpuMs = (slot: number): number => cpuMs.get(slot) ?? 0;
  return { upkeep: new Upkeep({ dataPlane, tenants, shares, pluginCpuMs, now: () => clock.ms }), native, clock, cpuMs };
}

test('memory is what each look finds, for the time since the one before', async (t) => {
  const { upkeep, native, clock } = await fixture();
  const report = { table: 0, template: 'exact', maxProbes: 1, parts: [] } as const;
  native.reports = [
    { ...report, slot: 1, memoryBytes: 1000 },
    { ...report, slot: 1, table: 1, memoryBytes: 24 },
    { ...report, slot: 2, memoryBytes: 7 },
  ];
  clock.ms = 2000;
  await upkeep.look();
  t.deepEqual(upkeep.of(1), upkeepCounters({ memoryByteSeconds: 2048n, reservedCoreSeconds: 1n }));
  native.reports = [];
  clock.ms = 5000;
  await upkeep.look();
  t.is(upkeep.of(1).memoryByteSeconds, 2048n);
  t.is(upkeep.of(2).memoryByteSeconds, 14n);
});

test('plans of a tenant add up; the operator’s and a stranger’s are on nobody’s bill', async (t) => {
  const { upkeep } = await fixture();
  const red = tenantOwner(tenantName('red'));
  upkeep.planned(red, 1, 0.0006);
  upkeep.planned(red, 1, 0.0006);
  upkeep.planned(red, 0, 1.5);
  upkeep.planned(operator, 1, 1);
  upkeep.planned(tenantOwner(tenantName('green')), 1, 1);
  t.like(upkeep.of(1), { transactions: 2n, transactionMicros: 1501n });
  t.like(upkeep.of(0), { transactions: 0n, transactionMicros: 0n });
});

test('CPU time of plugins is cycles of the TSC, on their tenant’s bill', async (t) => {
  const { upkeep, cpuMs } = await fixture();
  cpuMs.set(1, 1500.5);
  t.is(upkeep.of(1).pluginCycles, (1_500_500n * fakeTscHz) / 1_000_000n);
  t.is(upkeep.of(2).pluginCycles, 0n);
  t.is(usageOf(tenantCounters({}, { rx: 7n }), upkeep.of(1)).cycles, 7n + upkeep.of(1).pluginCycles);
});
