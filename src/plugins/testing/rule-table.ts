import { fits } from '../../flow/select.js';
import { parseIdentity } from '../../flow/syntax/text.js';
import { VswitchError, type Fault } from '../../model/errors.js';
import type { FlowText } from '../../model/flow.js';
import type { FieldName, Match } from '../../model/match.js';
import type { Topology } from '../../model/topology.js';
import { compileRules, type BandPlace } from '../band/compile.js';
import type { HostRule, HostRuleSet } from '../band/host-rule.js';

interface Placed {
  readonly rule: HostRule;
  readonly match: Match;
  readonly priority: number;
}

/** A plugin's rules as the switch would hold them, to be looked up in. */
export class RuleTable {
  readonly flows: readonly FlowText[];
  readonly #placed: readonly Placed[];

  /** @throws VswitchError as the switch, for rules that it would refuse. */
  constructor(set: HostRuleSet, place: BandPlace, topology: Topology) {
    this.flows = compileRules(set, place).flows;
    const faults: Fault[] = [];
    this.#placed = this.flows.flatMap((flow, i): Placed[] => {
      const identity = parseIdentity(flow, topology, `/rules/${i}`, faults);
      const rule = set.rules[i];
      return rule ? [{ rule, match: identity.match, priority: identity.priority }] : [];
    });
    if (faults.length > 0) throw new VswitchError('FLOW_INVALID', 'a rule has faults', faults);
  }

  /** The strongest rule that a packet with these fields matches; among equals the first. */
  find(fields: ReadonlyMap<FieldName, bigint>): { readonly rule: HostRule; readonly index: number } | undefined {
    let best: { readonly rule: HostRule; readonly index: number } | undefined;
    let highest = -1;
    this.#placed.forEach(({ rule, match, priority }, index) => {
      if (priority <= highest || ![...match].every(([name, wanted]) => fits(fields.get(name), wanted))) return;
      highest = priority;
      best = { rule, index };
    });
    return best;
  }
}
