import { Type } from 'typebox';
import { faultsUnlessRight } from '../../config/schema-faults.js';
import { actionSchema, groupSchema, matchSchema, meterSchema } from '../../config/schema.js';
import { everyAction } from '../../flow/every-action.js';
import { maxActions, type ActionText } from '../../model/action.js';
import { VswitchError, jsonPointer, type Fault } from '../../model/errors.js';
import type { FlowSet, FlowText } from '../../model/flow.js';
import type { PluginHeader } from '../sdk/headers.js';
import { defaultRulePriority, maxPlugins, maxRulePriority } from '../sdk/rules.js';
import { headerFaults } from './header-faults.js';
import { handlerBits, type HostRule, type HostRuleSet } from './host-rule.js';
import { metadataAction, metadataMatch, withMetadata } from './metadata.js';

/** Which plugin of its tenant it is, in the order of the config, and what it declared. */
export interface BandPlace {
  readonly index: number;
  readonly headers: readonly PluginHeader[];
}

const strict = { additionalProperties: false } as const;
const ruleSchema = Type.Object(
  {
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: maxRulePriority })),
    match: Type.Optional(matchSchema),
    actions: Type.Array(Type.Union([...actionSchema.anyOf, Type.Object({ type: Type.Literal('continue') }, strict)]), {
      maxItems: maxActions,
    }),
    cookie: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$' })]),
    ),
  },
  strict,
);
const setSchema = Type.Object(
  {
    rules: Type.Array(ruleSchema),
    groups: Type.Optional(Type.Array(groupSchema)),
    meters: Type.Optional(Type.Array(meterSchema)),
  },
  strict,
);

/** Of a plugin's rules among the priorities of its tenant's plugins. */
export const bandWidth = maxRulePriority + 1;
export const bandBase = (index: number): number => (maxPlugins - 1 - index) * bandWidth;

/**
 * A plugin's rules as flows of the plugin's owner: in table 0 and its own range of priorities, for packets that it is not done with.
 * @param value from a process that nobody trusts.
 * @throws VswitchError FLOW_INVALID, or PLUGIN_HEADER for what it did not declare; pointers are those of the rule set.
 */
export function compileRules(value: unknown, place: BandPlace): FlowSet {
  const shape = faultsUnlessRight(setSchema, value);
  if (shape.length > 0) throw new VswitchError('FLOW_INVALID', "a plugin's rules have faults", shape);
  const { rules, groups, meters } = value as HostRuleSet;
  const undeclared = headerFaults({ rules, groups: groups ?? [] }, place.headers);
  if (undeclared.length > 0)
    throw new VswitchError('PLUGIN_HEADER', 'rules look at headers that the plugin does not declare', undeclared);
  const faults: Fault[] = [];
  const flows = rules.map((rule, i) => flowOf(rule, place.index, jsonPointer('rules', i), faults));
  if (faults.length > 0) throw new VswitchError('FLOW_INVALID', "a plugin's rules have faults", faults);
  return { flows, ...(groups ? { groups } : {}), ...(meters ? { meters } : {}) };
}

function flowOf(rule: HostRule, index: number, pointer: string, faults: Fault[]): FlowText {
  const { priority = defaultRulePriority, match = {}, actions, cookie } = rule;
  return {
    table: 0,
    priority: bandBase(index) + priority,
    match: { ...match, metadata: metadataMatch(match.metadata, index, `${pointer}/match/metadata`, faults) },
    actions: actionsOf(actions, index, `${pointer}/actions`, faults),
    ...(cookie === undefined ? {} : { cookie }),
  };
}

function actionsOf(actions: HostRule['actions'], index: number, pointer: string, faults: Fault[]): readonly ActionText[] {
  for (const { action, pointer: here } of everyAction(actions as readonly ActionText[], pointer))
    metadataAction(action, here, faults);
  const compiled = actions.flatMap((action, i): ActionText[] => {
    if (action.type === 'continue') {
      if (i === actions.length - 1) return [{ type: 'resubmit', table: 0 }];
      faults.push({
        pointer: `${pointer}/${i}`,
        message: 'nothing is done after `continue`',
        remedy: 'let it be the last of the list',
      });
      return [];
    }
    if (action.type === 'punt' && action.handler >> handlerBits !== index)
      faults.push({
        pointer: `${pointer}/${i}/handler`,
        value: action.handler,
        message: "is another plugin's handler",
        remedy: 'punt by `ctx.onPackets`, which gives the numbers',
      });
    return [action];
  });
  const isDone = actions.at(-1)?.type === 'continue';
  // Looked up anew, a packet is none of those before the plugin: they saw it as it came to them.
  return compiled.some(({ type }) => type === 'resubmit')
    ? withMetadata(compiled, doneBits(isDone ? index + 1 : index))
    : compiled;
}

/** In the `metadata` of a packet: the first so many plugins are done with it. */
const doneBits = (plugins: number): bigint => ((1n << BigInt(plugins)) - 1n) << 32n;
