import test from 'ava';
import { drawNeighbours, isNeighbours } from '../../../bench/neighbour/figure.js';
import { describeFare, faresOf } from '../../../bench/neighbour/generator.js';
import { makeResult } from '../../../bench/result.js';
import { asTenants, neighbourRules, neighbourWork, ways } from '../../../bench/rules/neighbours.js';
import { keepsPct } from '../../../bench/scenarios/noisy-neighbour.js';
import { checkConfig } from '../../../src/config/check.js';
import type { VswitchConfig } from '../../../src/config/schema.js';

const slice = (endMs: number, received: number, flooded = 0) => ({ endMs, ms: 50, sent: 1000, received, flooded });
const lost = { endMs: 150, ms: 0, sent: 0, received: 0, flooded: 0 };
const quiet = {
  flooded: false,
  windows: 100,
  clean: 80,
  slices: [slice(100, 1000), lost, slice(200, 1000)],
  cycles: [
    [2000, 99],
    [9000, 1],
  ],
};
const loud = {
  ...quiet,
  flooded: true,
  clean: 50,
  slices: [slice(100, 250, 5000)],
  cycles: [
    [4000, 97],
    [18_000, 3],
  ],
};
const report = { tscHz: 2_000_000_000, strangers: 0, mostPacketsPerS: 5e6, phases: [quiet, loud, quiet] };

test('what the generator reports is told in nanoseconds and packets a second, over time', (t) => {
  const fares = faresOf(report);
  t.deepEqual(fares.alone, { forwardedPct: 100, medianNs: 1000, p99Ns: 1000, cleanPct: 80 });
  t.deepEqual(fares.flooded, { forwardedPct: 25, medianNs: 2000, p99Ns: 9000, cleanPct: 50 });
  t.deepEqual(
    fares.points.map((point) => [point.ms, point.packetsPerS, point.forwardedPct, point.floodPerS]),
    [
      [100, 20_000, 100, 0],
      [200, 20_000, 100, 0],
      [300, 5000, 25, 100_000],
      [400, 20_000, 100, 0],
      [500, 20_000, 100, 0],
    ],
  );
  t.is(describeFare(fares.flooded), '25 % forwarded, median 2000, p99 9000 ns (50 % of the windows)');
});

test('without a clean window there is no time; a stranger or nonsense is an error', (t) => {
  const { alone } = faresOf({ ...report, phases: [{ ...quiet, clean: 0, cycles: [] }, loud, quiet] });
  t.deepEqual([alone.medianNs, alone.p99Ns], [null, null]);
  t.throws(() => faresOf({ ...report, strangers: 1 }), { message: /other than the rules/ });
  t.throws(() => faresOf({ ...report, phases: [quiet] }), { message: /not a report/ });
});

test('a victim keeps all where it has half of what it has alone', (t) => {
  const summary = (median: number) => ({ median, min: median, max: median });
  const summaries = new Map([
    ['ours-own-alone', summary(60)],
    ['ours-own-flooded', summary(120)],
    ['ours-uplink-alone', summary(60)],
  ]);
  t.is(keepsPct(summaries, 'own', 'ours'), 100);
  t.is(keepsPct(summaries, 'uplink', 'ours'), null);
});

for (const way of ways) {
  test(`${way}: the config of the two is right, and their frames are as many`, (t) => {
    const usual: VswitchConfig = {
      name: 'bench',
      workers: { cores: [0] },
      ports: Object.fromEntries(
        (way === 'own' ? ['victim', 'flooder'] : ['up'])
          .concat('victim-out', 'flooder-out')
          .map((name) => [name, { type: 'null', role: 'uplink' }]),
      ),
    };
    t.deepEqual(checkConfig(asTenants(way, usual)), []);
    t.is(neighbourRules(way).flows.length, 1001);
    const frames = Object.values(neighbourWork(way, 2000, ['victim', 'flooder']).sources).map(({ length }) => length);
    t.deepEqual(frames, way === 'own' ? [1000, 2000] : [4000]);
  });
}

test('the picture has a line for each subject and way', (t) => {
  const { points } = faresOf(report);
  const line = (subject: string, way: string) => ({ subject, way, phaseMs: 200, points });
  const facts = { scenario: 'noisy-neighbour', peer: 'ovs-dpdk', floor: 'none', flows: 9, runs: 1, tscHz: 1n };
  const lines = [line('ours', 'own'), line('ovs-dpdk', 'own'), line('ours', 'uplink')];
  const result = makeResult({ ...facts, summaries: new Map(), extra: { neighbours: lines } });
  t.true(isNeighbours(result));
  if (isNeighbours(result)) t.regex(drawNeighbours(result, 'a flood'), /^<svg[^]*a flood[^]*uplink that both share[^]*<\/svg>$/);
  t.false(isNeighbours(makeResult({ ...facts, summaries: new Map() })));
});
