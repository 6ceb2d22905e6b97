import test from 'ava';
import { systemClock, type Clock } from '../../../src/accounting/clock.js';
import { Sampler } from '../../../src/accounting/sampler.js';
import { snapshotAt, tenantCounters, upkeepCounters } from '../../support/snapshot.js';

/** A switch that receives a packet every millisecond until `burstAtMs`, and ten from then on, on a clock that the test moves. */
function fixture(burstAtMs = Infinity) {
  let nowMs = 0;
  let readings = 0;
  const timers = new Map<() => void, number>();
  const clock: Clock = {
    now: () => new Date(nowMs),
    every: (intervalMs, work) => {
      timers.set(work, intervalMs);
      return () => timers.delete(work);
    },
  };
  const received = () => nowMs + 9 * Math.max(0, nowMs - burstAtMs);
  const snapshot = () => {
    readings++;
    return snapshotAt(nowMs, { tenants: [tenantCounters({ rxPackets: BigInt(received()) })] });
  };
  const names = () => ({ tenants: [], ports: [] });
  const sampler = new Sampler({
    snapshot,
    names,
    tariffAt: () => undefined,
    upkeepOf: () => upkeepCounters(),
    clock,
    intervalMs: 1000,
  });
  const advance = (ms: number) => {
    for (const end = nowMs + ms; nowMs < end;) {
      nowMs++;
      for (const [work, intervalMs] of [...timers]) if (nowMs % intervalMs === 0) work();
    }
  };
  const rate = () => sampler.report().tenants[0]?.rates.rxPacketsPerS;
  return { sampler, advance, rate, timers, readings: () => readings };
}

test('a report is of the moment, its rates are over half an interval to one and a half', (t) => {
  const { sampler, advance } = fixture();
  sampler.start();
  advance(3000);
  for (const [ms, intervalMs] of [
    [1, 1001],
    [498, 1499],
    [1, 500],
    [499, 999],
    [1, 1000],
  ] as const) {
    advance(ms);
    t.is(sampler.report().intervalMs, intervalMs);
  }
  const { tenants, at } = sampler.report();
  t.is(tenants[0]?.totals.rxPackets, 4000n);
  t.is(at, '1970-01-01T00:00:04.000Z');
});

test('asking often does not change what the rates are over', (t) => {
  const { sampler, advance, rate } = fixture(2000);
  sampler.start();
  advance(2000);
  for (let i = 0; i < 10; i++) t.is(rate(), 1000);
  advance(600);
  for (let i = 0; i < 10; i++) t.is(rate(), 10_000);
});

test('before the first interval there are rates since the start, and none at the start itself', (t) => {
  const { sampler, advance, rate } = fixture();
  sampler.start();
  t.is(rate(), 0);
  advance(10);
  t.is(rate(), 1000);
});

test('it samples once an interval however often it is started, and not after it is stopped', (t) => {
  const { sampler, advance, timers, readings } = fixture();
  sampler.start();
  sampler.start();
  t.deepEqual([...timers.values()], [1000]);
  const before = readings();
  advance(5000);
  t.is(readings() - before, 5);
  sampler.stop();
  sampler.stop();
  advance(5000);
  t.is(readings() - before, 5);
  sampler.start();
  advance(1000);
  t.is(readings() - before, 6);
});

test('the system’s timer calls again and again until it is stopped', async (t) => {
  const calls = await new Promise<number>((resolve) => {
    let count = 0;
    const held = setInterval(() => undefined, 1000); // The clock's own timer does not keep the process running.
    const stop = systemClock.every(1, () => {
      if (++count < 3) return;
      stop();
      clearInterval(held);
      resolve(count);
    });
  });
  t.is(calls, 3);
});
