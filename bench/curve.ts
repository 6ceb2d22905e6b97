import { makeWorkload, type Work } from './forwarding.js';
import { memoryKib } from './measure/memory.js';
import { measureAll, type Entry } from './measure/session.js';
import { median, round } from './measure/stats.js';
import { oursIn } from './ours.js';
import { ovsDpdk } from './peers/ovs-dpdk.js';
import { makeResult, withoutFloor, type Result } from './result.js';
import type { Options, Scenario } from './scenario.js';
import { withScope, type Scope } from './support/scope.js';

/** Work that grows with x. */
export interface Series {
  readonly name: string;
  readonly at: readonly number[];
  readonly work: (x: number, flows: number) => Work;
  /** Up to this x the peer is measured as well. */
  readonly peerUpTo: number;
}

export interface CurveSpec {
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly flows: number;
  readonly series: readonly Series[];
}

export interface Point {
  readonly x: number;
  readonly cyclesPerPacket: number;
  readonly installMs: number;
  readonly memoryMib: number;
}

/** A line of the figure: ours or the peer's. */
export interface Curve {
  readonly series: string;
  readonly subject: string;
  readonly points: readonly Point[];
}

/** A scenario of curves; its headline is the last point of the first series that both subjects have. */
export const curve = (spec: CurveSpec): Scenario => ({
  name: spec.name,
  title: spec.title,
  subjects: ['ours', ovsDpdk.name],
  defaultFlows: spec.flows,
  maxFlows: 100_000,
  comparable: false,
  run: (options, scope) => run(spec, options, scope),
});

async function run(spec: CurveSpec, options: Options, scope: Scope): Promise<Result> {
  const subjects = [oursIn(options.tree), ovsDpdk].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const points = new Map<string, Point[]>();
  let headline: Parameters<typeof makeResult>[0] | undefined;
  for (const series of spec.series) {
    for (const x of series.at) {
      options.log(`${series.name}, ${x} ${spec.x}`);
      const here = subjects.filter((s) => s.name === 'ours' || x <= series.peerUpTo);
      const facts = await withScope((inner) => pointOf(series, x, here, options, inner), scope);
      for (const [subject, point] of facts.points) {
        const key = `${series.name}/${subject}`;
        points.set(key, [...(points.get(key) ?? []), point]);
      }
      const { name: scenario } = spec;
      if (series === spec.series[0] && here.length === subjects.length)
        headline = { ...withoutFloor(scenario, ovsDpdk.name, options), ...facts.measured };
    }
  }
  if (!headline) throw new Error(`${spec.name}: nothing was measured`);
  const curves = [...points].map(([key, list]): Curve => {
    const [series = '', subject = ''] = key.split('/');
    return { series, subject, points: list };
  });
  return makeResult({ ...headline, extra: { x: spec.x, curves } });
}

async function pointOf(series: Series, x: number, subjects: readonly Entry['subject'][], options: Options, scope: Scope) {
  const workload = await makeWorkload(series.work(x, options.flows), scope);
  const seen = new Map<string, { installMs: number; memoryKib: number }[]>();
  const entries = subjects.map((subject): Entry => ({
    name: subject.name,
    subject,
    workload,
    after: async ({ pid, installMs }) => {
      seen.set(subject.name, [...(seen.get(subject.name) ?? []), { installMs, memoryKib: await memoryKib(pid) }]);
    },
  }));
  const measured = await measureAll(entries, options, scope);
  const points = subjects.map(({ name }): [string, Point] => {
    const runs = seen.get(name) ?? [];
    return [
      name,
      {
        x,
        cyclesPerPacket: round(measured.summaries.get(name)?.median ?? NaN, 1),
        installMs: round(median(runs.map((r) => r.installMs)), 1),
        memoryMib: round(median(runs.map((r) => r.memoryKib)) / 1024, 1),
      },
    ];
  });
  return { measured, points };
}
