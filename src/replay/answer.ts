import type { DropReason } from '../model/drop.js';
import type { InstalledFlow } from '../model/flow.js';
import type { PortNumber } from '../model/ids.js';
import type { ProbeResult } from '../switch/types.js';

/** What became of a replayed packet; a line of JSON. */
export interface Answer {
  readonly out: readonly { readonly port: string | number; readonly packet: string }[];
  /** The flows that it met, in the order of the tables; none for a table that had no match. */
  readonly rules: readonly RuleHit[];
  /** Why nothing went out; null where something did. */
  readonly drop: DropReason | null;
}

export interface RuleHit {
  readonly table: number;
  readonly priority: number;
  /** As text where JSON's numbers are not exact. */
  readonly cookie: number | string;
}

/** Names for what the data plane knows by number. */
export interface Names {
  port(number: PortNumber): string | number;
  /** The flow that a rule is of. */
  flow(rule: number): InstalledFlow | undefined;
}

export function answerOf({ out, steps, punted, drops }: ProbeResult, names: Names): Answer {
  return {
    out: out.map(({ port, bytes }) => ({ port: names.port(port), packet: Buffer.from(bytes).toString('hex') })),
    rules: steps.flatMap(({ rule }) => {
      const flow = rule === undefined ? undefined : names.flow(rule);
      return flow ? [hitOf(flow)] : [];
    }),
    drop: dropOf({ out, punted, drops }),
  };
}

/** A packet without an output, that no plugin has, was not forwarded, even where no copy of it was lost by name. */
export const dropOf = ({ out, punted, drops }: Pick<ProbeResult, 'out' | 'punted' | 'drops'>): DropReason | null =>
  out.length > 0 || punted.length > 0 ? null : (drops.at(-1) ?? 'rule_drop');

const hitOf = ({ table, priority, cookie }: InstalledFlow): RuleHit => ({
  table,
  priority,
  cookie: cookie <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(cookie) : `0x${cookie.toString(16)}`,
});
