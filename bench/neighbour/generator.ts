import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { run } from '../support/process.js';
import { thisTree } from '../ours.js';
import { memif, type Ends } from '../latency/generator.js';
import { quantile } from '../latency/stay.js';
import { round } from '../measure/stats.js';

const build = join(thisTree, 'build/native-bench');
const program = join(build, 'bench-native/neighbour-generator');

const Phase = Type.Object({
  flooded: Type.Boolean(),
  windows: Type.Integer(),
  clean: Type.Integer(),
  slices: Type.Array(
    Type.Object({
      endMs: Type.Number(),
      ms: Type.Number(),
      sent: Type.Integer(),
      received: Type.Integer(),
      flooded: Type.Integer(),
    }),
    { minItems: 1 },
  ),
  cycles: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()])),
});
const Report = Type.Object({
  tscHz: Type.Integer({ minimum: 1 }),
  strangers: Type.Integer(),
  mostPacketsPerS: Type.Number(),
  phases: Type.Array(Phase, { minItems: 3, maxItems: 3 }),
});

export async function buildNeighbourGenerator(): Promise<void> {
  await run('cmake', ['-S', thisTree, '-B', build, '-DVSWITCH_BENCH=ON', '-DVSWITCH_ADDON=OFF']);
  await run('cmake', ['--build', build, '--target', 'neighbour-generator']);
}

/** What the victim sends beside, and what is looked at. */
export interface FloodPlan {
  readonly flows: number;
  /** Socket of the flooder's own port; undefined: the victim's. */
  readonly socket: string | undefined;
  /** A capture of its frames. */
  readonly capture: string;
  /** 0: as many as the port takes. */
  readonly floodPerS: number;
  /** Of what the switch forwards of the victim's packets at most. */
  readonly percent: number;
  /** Of the switch's polling thread. */
  readonly schedstat: string;
  readonly warmUpMs: number;
  readonly phaseMs: number;
}

/** A slice of time, by its clean windows. */
export interface Point {
  /** When it ended, since the victim began to send. */
  readonly ms: number;
  /** The victim's packets that came back. */
  readonly packetsPerS: number;
  /** Of those that it sent, percent. */
  readonly forwardedPct: number;
  /** Of the flood, packets that the port took. */
  readonly floodPerS: number;
}

/** How the victim fared with or without the flood. */
export interface Fare {
  /** Of the packets that it sent, those for which the port had no room included. */
  readonly forwardedPct: number;
  /** Null where no window was clean. */
  readonly medianNs: number | null;
  readonly p99Ns: number | null;
  /** Windows in which neither the generator nor the worker waited for a core; all figures are of these only. */
  readonly cleanPct: number;
}

export interface Fares {
  readonly tscHz: bigint;
  /** Of the victim's packets, when it sends as many as it can. */
  readonly mostPacketsPerS: number;
  readonly alone: Fare;
  readonly flooded: Fare;
  readonly points: readonly Point[];
}

/** The kernel ends the generator where the bench is killed. */
export async function measureFares({ to, from, queues, ethDst }: Ends, plan: FloodPlan): Promise<Fares> {
  // Without zero-copy: of a process only one such port can share its memory (latency/generator.ts).
  const floodTo = plan.socket === undefined ? '-' : memif(2, 'client', plan.socket);
  const numbers = [plan.warmUpMs, plan.phaseMs, plan.percent, plan.floodPerS].map(String);
  const args = [to, from, String(queues), String(plan.flows), ethDst, floodTo, plan.capture, ...numbers, plan.schedstat];
  const text = await run('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args]);
  return faresOf(JSON.parse(text.trimEnd().split('\n').at(-1) ?? ''));
}

/** What the generator reports. The time by itself is that before the flood. Throws where a packet came back that the rules do not make. */
export function faresOf(report: unknown): Fares {
  if (!Value.Check(Report, report)) throw new Error(`not a report of the generator: ${JSON.stringify(report).slice(0, 300)}`);
  if (report.strangers > 0) throw new Error(`${report.strangers} packets came back other than the rules say`);
  const [alone, flooded] = report.phases.map((phase) => fareOf(phase, report.tscHz));
  if (!alone || !flooded) throw new Error('the generator left out a phase');
  let beganMs = 0;
  const points = report.phases.flatMap(({ slices }) => {
    const before = beganMs;
    beganMs += slices.at(-1)?.endMs ?? 0;
    return slices.filter(({ ms }) => ms > 0).map((slice) => pointOf(slice, before));
  });
  return { tscHz: BigInt(report.tscHz), mostPacketsPerS: report.mostPacketsPerS, alone, flooded, points };
}

function pointOf(slice: Static<typeof Phase>['slices'][number], beganMs: number): Point {
  const perS = (packets: number): number => round((packets * 1000) / slice.ms, 0);
  return {
    ms: round(beganMs + slice.endMs, 0),
    packetsPerS: perS(slice.received),
    forwardedPct: forwardedOf([slice]),
    floodPerS: perS(slice.flooded),
  };
}

function forwardedOf(slices: Static<typeof Phase>['slices']): number {
  const sum = (of: 'sent' | 'received'): number => slices.reduce((total, slice) => total + slice[of], 0);
  return round((100 * sum('received')) / Math.max(1, sum('sent')), 1);
}

function fareOf({ windows, clean, slices, cycles }: Static<typeof Phase>, tscHz: number): Fare {
  const ns = (share: number): number | null => (cycles.length === 0 ? null : round((quantile(cycles, share) * 1e9) / tscHz, 0));
  return {
    forwardedPct: forwardedOf(slices),
    medianNs: ns(0.5),
    p99Ns: ns(0.99),
    cleanPct: round((100 * clean) / Math.max(1, windows), 0),
  };
}

export const describeFare = ({ forwardedPct, medianNs, p99Ns, cleanPct }: Fare): string =>
  `${forwardedPct} % forwarded, median ${medianNs ?? '-'}, p99 ${p99Ns ?? '-'} ns (${cleanPct} % of the windows)`;
