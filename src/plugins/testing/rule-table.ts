import { fits } from '../../flow/select.js';
import { parseIdentity } from '../../flow/syntax/text.js';
import type { FlowText } from '../../model/flow.js';
import type { FieldName, Match } from '../../model/match.js';
import type { Topology } from '../../model/topology.js';
import { pluginOwner, tenantName } from '../../model/ids.js';
import { planReplace } from '../../flow/plan.js';
import { reachOf } from '../../flow/topology.js';
import type { RuleStock } from '../sdk/rules.js';
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

  /**
   * @param stock groups and meters that are there already.
   * @throws VswitchError as the switch, for rules that it would refuse.
   */
  constructor(set: HostRuleSet, place: BandPlace, topology: Topology, stock: RuleStock) {
    const compiled = compileRules(set, place);
    const owner = pluginOwner(topology.tenants[0]?.name ?? tenantName(''), 'tried');
    const nothing = { flows: new Map(), groups: new Map(), meters: new Map() };
    planReplace({ owner, topology, reach: reachOf(topology, []), ...nothing }, { ...stock, ...compiled });
    this.flows = compiled.flows;
    this.#placed = this.flows.flatMap((flow, i): Placed[] => {
      const { match, priority } = parseIdentity(flow, topology, '', []);
      const rule = set.rules[i];
      return rule ? [{ rule, match, priority }] : [];
    });
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
