import type { ActionText } from '../../src/model/action.js';
import type { FlowText } from '../../src/model/flow.js';
import type { FieldName } from '../../src/model/match.js';
import { fieldName, valueText } from './value-text.js';

/** A line of random_diff_gen.py. A value has a mask, or null where it is exact. */
export interface RandomTables {
  readonly seed: number;
  readonly n: number;
  readonly rules: readonly RandomRule[];
  readonly packets: readonly {
    readonly in_port: number;
    readonly hex: string;
    readonly out: readonly (readonly [number, string])[];
    readonly rules_hit: readonly string[];
  }[];
}

interface RandomRule {
  readonly table: number;
  readonly priority: number;
  readonly match: Readonly<Record<string, readonly [number, number | null]>>;
  readonly actions: readonly RandomAction[];
  readonly goto: number | null;
}

type RandomAction =
  | { readonly set: string; readonly value: number; readonly proto?: string }
  | { readonly push_vlan: number }
  | { readonly pop_vlan: 1 }
  | { readonly dec_ttl: 1 }
  | { readonly output: number | 'in_port' };

/** @param line with numbers of more than 53 bits, which JSON.parse would round. */
export const parseRandomTables = (line: string): RandomTables =>
  JSON.parse(line.replace(/(?<=[[ ])\d{16,}(?=[\],}])/g, '"$&"')) as RandomTables;

export function randomFlow({ table, priority, match, actions, goto }: RandomRule): FlowText {
  const proto = match.ip_proto?.[0] === 17 ? 'udp' : 'tcp';
  const next: readonly ActionText[] = goto === null ? [] : [{ type: 'goto_table', table: goto }];
  return {
    table,
    priority,
    match: Object.fromEntries(
      Object.entries(match).map(([name, [value, mask]]) => {
        const field = nameOf(name, proto);
        return [field, valueText(field, BigInt(value), mask === null ? undefined : BigInt(mask))];
      }),
    ),
    actions: [...actions.map(randomAction), ...next],
  };
}

/** Ports are those of the flow's own protocol. */
const nameOf = (name: string, proto: string): FieldName => fieldName(name.replace(/^l4/, proto));

function randomAction(action: RandomAction): ActionText {
  if ('output' in action) return { type: 'output', port: action.output };
  if ('push_vlan' in action) return { type: 'push_vlan', ethertype: action.push_vlan };
  if ('pop_vlan' in action) return { type: 'pop_vlan' };
  if ('dec_ttl' in action) return { type: 'dec_ttl' };
  const field = nameOf(action.set, action.proto ?? '') as Extract<ActionText, { type: 'set_field' }>['field'];
  return { type: 'set_field', field, value: valueText(field, BigInt(action.value)) };
}
