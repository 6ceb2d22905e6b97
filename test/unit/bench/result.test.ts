import test from 'ava';
import { parseCommand } from '../../../bench/command.js';
import { barsOf, drawPng, drawSvg } from '../../../bench/figure.js';
import { makeResult } from '../../../bench/result.js';
import { summaryTable } from '../../../bench/save.js';
import { pidOf } from '../../../bench/support/run-dir.js';
import { Scope, withScope } from '../../../bench/support/scope.js';

const facts = { scenario: 'p2p', peer: 'ovs-dpdk', floor: 'testpmd-macswap', flows: 1000, runs: 5, tscHz: 2_600_000_000n };
const summaries = new Map([
  ['ours', { median: 60.04, min: 59, max: 66.66 }],
  ['ovs-dpdk', { median: 120, min: 118, max: 125 }],
  ['testpmd-macswap', { median: 36, min: 35, max: 37 }],
]);

test('the result has the keys that readers rely on', (t) => {
  t.deepEqual(makeResult({ ...facts, summaries }), {
    scenario: 'p2p',
    peer: 'ovs-dpdk',
    flows: 1000,
    cyclesPerPacket: { ours: 60, peer: 120 },
    ratio: 0.5,
    runs: 5,
    spread: { ours: [59, 66.7], peer: [118, 125] },
    floor: { name: 'testpmd-macswap', cyclesPerPacket: 36, spread: [35, 37] },
    tscHz: 2_600_000_000,
  });
});

test('what was not measured is null, not a number', (t) => {
  const result = makeResult({ ...facts, summaries: new Map([...summaries].slice(1)) });
  t.deepEqual(result.cyclesPerPacket, { ours: null, peer: 120 });
  t.is(result.ratio, null);
  t.deepEqual(result.spread, { ours: null, peer: [118, 125] });
  t.deepEqual(
    barsOf(result).map((b) => b.label),
    ['testpmd-macswap (floor)', 'ovs-dpdk'],
  );
});

test('the figure shows every bar and the ratio, as SVG and as PNG', (t) => {
  const svg = drawSvg(makeResult({ ...facts, summaries }), 'a title');
  for (const text of ['a title', 'mts-vswitch', 'ovs-dpdk', 'testpmd-macswap (floor)', 'ours / ovs-dpdk = 0.5'])
    t.true(svg.includes(text), text);
  t.is(drawPng(svg).subarray(1, 4).toString(), 'PNG');
});

test('what else was measured stands under others, and extras beside it', (t) => {
  const more = new Map([...summaries, ['ovs-dpdk-smc', { median: 90, min: 89, max: 91 }]]);
  const result = makeResult({ ...facts, summaries: more, extra: { slowdown: 1.5 } });
  t.deepEqual(result.others, [{ name: 'ovs-dpdk-smc', cyclesPerPacket: 90, spread: [89, 91] }]);
  t.is(result['slowdown'], 1.5);
});

test('the summary is a line a scenario', (t) => {
  const lines = summaryTable([makeResult({ ...facts, summaries })]).split('\n');
  t.is(lines[2], '| p2p | 1000 | 60 (59-66.7) | 120 (118-125) | 0.5 | 36 (35-37) |');
});

test('arguments become options; what makes no sense is named', (t) => {
  const { scenarios, json, optionsFor } = parseCommand(['p2p', 'ttl', '--json', '--runs', '7', '--only', 'ovs-dpdk']);
  t.deepEqual(
    scenarios.map((s) => s.name),
    ['p2p', 'ttl'],
  );
  t.true(json);
  const options = optionsFor(scenarios[0]!);
  t.like(options, { flows: 1000, runs: 7, warmUpMs: 1000, windowMs: 2000 });
  t.deepEqual(options.only, ['ovs-dpdk']);
  t.true(parseCommand([]).scenarios.length > 20);
  t.throws(() => parseCommand(['p3p']), { message: /no scenario p3p\nusage/ });
  t.throws(() => parseCommand(['p2p', '--runs', 'many']), { message: /--runs many/ });
  t.throws(() => parseCommand(['p2p', '--flows', '200001']), { message: /--flows 200001/ });
  t.throws(() => parseCommand(['p2p', '--only', 'vpp']), { message: /--only vpp: p2p knows ours, ovs-dpdk, testpmd-macswap/ });
});

test('scenarios have names of their own', (t) => {
  const names = parseCommand([]).scenarios.map((s) => s.name);
  t.deepEqual(names, [...new Set(names)]);
});

test('a scope undoes in reverse order, each step once, whatever fails', async (t) => {
  const seen: number[] = [];
  const scope = new Scope();
  scope.defer(() => void seen.push(1));
  scope.defer(() => {
    throw new Error('two');
  });
  scope.defer(async () => void seen.push(await Promise.resolve(3)));
  await t.throwsAsync(scope.close(), { message: 'two' });
  await scope.close();
  t.deepEqual(seen, [3, 1]);
});

test('closing the outer scope closes the inner one, though its body still runs', async (t) => {
  const outer = new Scope();
  let undone = false;
  await withScope(async (inner) => {
    inner.defer(() => void (undone = true));
    await outer.close();
    t.true(undone);
  }, outer);
});

test("a run's directory tells its process", (t) => {
  t.is(pidOf('vswitch-bench-123-AbCdEf'), 123);
  t.is(pidOf('vswitch-bench-ovs'), undefined);
  t.is(pidOf('other-123-x'), undefined);
});
