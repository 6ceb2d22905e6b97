import { round, type Summary } from './measure/stats.js';

/** Cycles per packet by subject's name, over all process starts. */
export type Summaries = ReadonlyMap<string, Summary>;

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
  readonly spread: { readonly ours: readonly [number, number] | null; readonly peer: readonly [number, number] | null };
  /** The devices alone, under a forwarder that does not look at the packets. Not the peer. */
  readonly floor: { readonly name: string; readonly cyclesPerPacket: number; readonly spread: readonly [number, number] } | null;
  readonly tscHz: number;
}

export function makeResult(facts: {
  readonly scenario: string;
  readonly peer: string;
  readonly floor: string;
  readonly flows: number;
  readonly runs: number;
  readonly tscHz: bigint;
  readonly summaries: Summaries;
}): Result {
  const [ours, peer, floor] = ['ours', facts.peer, facts.floor].map((name) => facts.summaries.get(name));
  const spread = (summary: Summary | undefined) => (summary ? ([round(summary.min, 1), round(summary.max, 1)] as const) : null);
  const middle = (summary: Summary | undefined) => (summary ? round(summary.median, 1) : null);
  return {
    scenario: facts.scenario,
    peer: facts.peer,
    flows: facts.flows,
    cyclesPerPacket: { ours: middle(ours), peer: middle(peer) },
    ratio: ours && peer ? round(ours.median / peer.median, 3) : null,
    runs: facts.runs,
    spread: { ours: spread(ours), peer: spread(peer) },
    floor: floor
      ? { name: facts.floor, cyclesPerPacket: round(floor.median, 1), spread: [round(floor.min, 1), round(floor.max, 1)] }
      : null,
    tscHz: Number(facts.tscHz),
  };
}
