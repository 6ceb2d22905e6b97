import { round, type Summary } from './measure/stats.js';

/** Cycles per packet by subject's name, over all process starts. */
export type Summaries = ReadonlyMap<string, Summary>;

type Spread = readonly [number, number];

/**
 * What a scenario prints and writes. `cyclesPerPacket` are medians over `runs` process starts each, `ratio` is ours / peer (below 1:
 * ours is cheaper), `spread` is [minimum, maximum] over the starts. null: not measured in this run.
 */
export interface Result {
  readonly scenario: string;
  readonly peer: string;
  readonly flows: number;
  readonly cyclesPerPacket: { readonly ours: number | null; readonly peer: number | null };
  readonly ratio: number | null;
  readonly runs: number;
  readonly spread: { readonly ours: Spread | null; readonly peer: Spread | null };
  /** The devices alone, under a forwarder that does not look at the packets. Not the peer. */
  readonly floor: Figure | null;
  /** What else was measured in the same run. */
  readonly others?: readonly Figure[];
  readonly tscHz: number;
  /** Of one scenario only; docs/performance.md says what it means. */
  readonly [extra: string]: unknown;
}

export interface Figure {
  readonly name: string;
  readonly cyclesPerPacket: number;
  readonly spread: Spread;
}

export function makeResult(facts: {
  readonly scenario: string;
  readonly peer: string;
  readonly floor: string;
  readonly flows: number;
  readonly runs: number;
  readonly tscHz: bigint;
  readonly summaries: Summaries;
  readonly extra?: Readonly<Record<string, unknown>>;
}): Result {
  const [ours, peer] = ['ours', facts.peer].map((name) => facts.summaries.get(name));
  const spread = (summary: Summary | undefined) => (summary ? ([round(summary.min, 1), round(summary.max, 1)] as const) : null);
  const middle = (summary: Summary | undefined) => (summary ? round(summary.median, 1) : null);
  const figure = (name: string): Figure[] => {
    const summary = facts.summaries.get(name);
    return summary
      ? [{ name, cyclesPerPacket: round(summary.median, 1), spread: [round(summary.min, 1), round(summary.max, 1)] }]
      : [];
  };
  const others = [...facts.summaries.keys()].filter((name) => !['ours', facts.peer, facts.floor].includes(name)).flatMap(figure);
  return {
    scenario: facts.scenario,
    peer: facts.peer,
    flows: facts.flows,
    cyclesPerPacket: { ours: middle(ours), peer: middle(peer) },
    ratio: ours && peer ? Number((ours.median / peer.median).toPrecision(3)) : null,
    runs: facts.runs,
    spread: { ours: spread(ours), peer: spread(peer) },
    floor: figure(facts.floor)[0] ?? null,
    ...(others.length > 0 ? { others } : {}),
    ...facts.extra,
    tscHz: Number(facts.tscHz),
  };
}

/** The facts of a scenario that measures no devices alone. */
export const withoutFloor = (
  scenario: string,
  peer: string,
  { flows, runs }: { readonly flows: number; readonly runs: number },
) => ({ scenario, peer, floor: 'none', flows, runs }) as const;

/** The result of the largest ratio; where none has one, the first. */
export function worstOf(results: readonly Result[]): Result {
  const [worst] = results.toSorted((a, b) => (b.ratio ?? -1) - (a.ratio ?? -1));
  if (!worst) throw new RangeError('the worst of nothing');
  return worst;
}
