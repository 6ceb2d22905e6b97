import { median, round } from './stats.js';

/** Milliseconds that something took, over many times. */
export interface Times {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly count: number;
}

export function timesOf(ms: readonly number[]): Times {
  const sorted = ms.toSorted((a, b) => a - b);
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
  return { medianMs: round(median(ms), 3), p99Ms: round(p99, 3), maxMs: round(sorted.at(-1) ?? NaN, 3), count: ms.length };
}

/** Milliseconds of one. */
export async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}

/** One after the other, of as many as there is time for. */
export async function timedEach<T>(
  items: readonly T[],
  what: (item: T) => Promise<unknown>,
  longestMs = 10_000,
): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + longestMs;
  for (const item of items) {
    times.push(await timed(() => what(item)));
    if (performance.now() > end) break;
  }
  return times;
}
