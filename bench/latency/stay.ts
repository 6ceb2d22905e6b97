import { median, round } from '../measure/stats.js';

/** `[value, count]` by rising value. */
export type Histogram = readonly (readonly [number, number])[];

/** The least value that at least a share of all values do not exceed. */
export function quantile(histogram: Histogram, share: number): number {
  const total = histogram.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [value, count] of histogram) {
    seen += count;
    if (seen >= total * share) return value;
  }
  throw new RangeError('a quantile of nothing');
}

/** At one load: nanoseconds from a packet's stamp to its return. */
export interface Stay {
  /** Of the maximum load. */
  readonly percent: number;
  readonly packetsPerS: number;
  /** Packets that did not come back. */
  readonly lost: number;
  readonly medianNs: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
}

export const describeStay = ({ percent, packetsPerS, lost, medianNs, p99Ns, p999Ns }: Stay): string =>
  `${percent} %, ${(packetsPerS / 1e6).toFixed(2)} Mpkt/s: ${medianNs}, ${p99Ns}, ${p999Ns} ns` +
  (lost > 0 ? `, ${lost} lost` : '');

/** A subject's medians over its process starts at each load. */
export interface Latency {
  readonly subject: string;
  /** Without a loss. */
  readonly maxPacketsPerS: number;
  readonly loads: readonly Stay[];
}

/** @param runs of each process start the stays, that at the maximum (percent 100) among them. */
export function latencyOf(subject: string, runs: readonly (readonly Stay[])[]): Latency {
  const stays = runs.flat();
  const loads = [...new Set(stays.map(({ percent }) => percent))].map((percent) =>
    medianStay(stays.filter((stay) => stay.percent === percent)),
  );
  const most = loads.find(({ percent }) => percent === 100);
  return { subject, maxPacketsPerS: most?.packetsPerS ?? NaN, loads: loads.filter((load) => load !== most) };
}

/** The losses are added up. */
function medianStay(stays: readonly Stay[]): Stay {
  const of = (key: keyof Stay): number => round(median(stays.map((stay) => stay[key])), 0);
  return {
    percent: of('percent'),
    packetsPerS: of('packetsPerS'),
    lost: stays.reduce((sum, { lost }) => sum + lost, 0),
    medianNs: of('medianNs'),
    p99Ns: of('p99Ns'),
    p999Ns: of('p999Ns'),
  };
}

/** Ours over the peer: the medians at the highest load. */
export function ratioOf(found: readonly Latency[], peer: string): number | null {
  const [ours, theirs] = ['ours', peer].map((name) => found.find(({ subject }) => subject === name)?.loads.at(-1)?.medianNs);
  return ours === undefined || theirs === undefined ? null : Number((ours / theirs).toPrecision(3));
}
