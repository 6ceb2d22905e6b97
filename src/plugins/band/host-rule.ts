import type { ActionText } from '../../model/action.js';
import type { GroupText } from '../../model/group.js';
import type { MatchText } from '../../model/match.js';
import type { MeterText } from '../../model/meter.js';
import type { RuleAction } from '../sdk/rules.js';

/** A handler's number is its plugin's index, then its own. */
export const handlerBits = 8;
export const maxHandlers = 1 << handlerBits;
export const handlerNumber = (index: number, handler: number): number => (index << handlerBits) | handler;

/** Only what `ctx.onPackets` writes. */
export type PuntAction = Extract<ActionText, { readonly type: 'punt' }>;

/** A rule as it comes from a plugin's process: with what `onPackets` adds. */
export interface HostRule {
  readonly priority?: number;
  readonly match?: MatchText;
  readonly actions: readonly (RuleAction | PuntAction)[];
  readonly cookie?: number | string;
}

export interface HostRuleSet {
  readonly rules: readonly HostRule[];
  readonly groups?: readonly GroupText[];
  readonly meters?: readonly MeterText[];
}
