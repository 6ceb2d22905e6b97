import type { ActionText } from '../../model/action.js';
import type { GroupText } from '../../model/group.js';
import type { MatchText } from '../../model/match.js';
import type { MeterText } from '../../model/meter.js';

/** Of a rule in its plugin's band, which is 4096 wide; the higher wins. */
export const maxRulePriority = 4095;
export const defaultRulePriority = 2048;
/** Plugins of a tenant. */
export const maxPlugins = 16;

/** What a rule may do: what flows do, and what only a plugin's do. */
export type RuleAction =
  | Exclude<ActionText, { readonly type: 'punt' }>
  /** The packet goes on to the plugins that follow, then to the tenant's own flows. Last in the list. */
  | { readonly type: 'continue' };

/** A flow in table 0, in the plugin's own band. `metadata` has 32 bits here; of the others the switch makes use. */
export interface Rule {
  /** 0 to 4095; 2048 where left out. */
  readonly priority?: number;
  readonly match?: MatchText;
  readonly actions: readonly RuleAction[];
  /** 64 bits of the plugin's own. */
  readonly cookie?: number | string;
}

/** What rules name by number; their numbers are the plugin's own. */
export interface RuleStock {
  readonly groups?: readonly GroupText[];
  readonly meters?: readonly MeterText[];
}

/** How many flows a change touched. */
export interface RuleResult {
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
}

export interface RuleCounter {
  readonly packets: bigint;
  readonly bytes: bigint;
}

export interface PluginRules {
  /**
   * Makes these the plugin's rules, those of `onPackets` beside them: compared with what there is, all changed at once or none. A rule
   * that stays keeps its counters; of groups and meters that are left out, likewise.
   * @throws PluginError of the switch, with all faults; pointers are `/rules/I/...`, `/groups/I/...`, `/meters/I/...`.
   */
  replace(rules: readonly Rule[], stock?: RuleStock): Promise<RuleResult>;
  /** What the rules of the last `replace` did, in its order. */
  counters(): Promise<readonly RuleCounter[]>;
}
