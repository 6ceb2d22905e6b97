import type { Rule } from '../../sdk/index.js';
import { idBits } from './identities.js';

/**
 * A packet's way through the plugin's rules, in the low bits of its `metadata`: who sent it, who is to get it, whether the one may open
 * this and the other be reached by it.
 */
export const stages = { source: 1, destination: 2, egress: 3, ingress: 4 } as const;
export type Stage = keyof typeof stages;

type Match = NonNullable<Rule['match']>;
type Actions = Rule['actions'];

const stageMask = 7;
const idMask = 2 ** idBits - 1;
const shifts = { source: 3, destination: 3 + idBits } as const;
const allBits = 2 ** (3 + 2 * idBits) - 1;

const hex = (value: number): string => `0x${value.toString(16)}`;

/** What a rule asks of a packet at a stage; of an end that is left out it may be anybody. */
export function at(zone: number, stage: Stage, ends: { readonly source?: number; readonly destination?: number } = {}): Match {
  let [value, mask] = [stages[stage] as number, stageMask];
  for (const end of ['source', 'destination'] as const) {
    const id = ends[end];
    if (id === undefined) continue;
    value += id * 2 ** shifts[end];
    mask += idMask * 2 ** shifts[end];
  }
  return { ...tracked(zone), metadata: `${hex(value)}/${hex(mask)}` };
}

/** Only the plugin's own rules make it so: of what others left in `metadata` nothing is believed. */
export const tracked = (zone: number, state = '+trk'): Match => ({ ct_zone: zone, ct_state: state });

/** On to a stage, with what was found out of an end. */
export function to(stage: Stage, end?: keyof typeof shifts, id = 0): Actions {
  const [value, mask] = end === undefined ? [0, stageMask] : [id * 2 ** shifts[end], stageMask + idMask * 2 ** shifts[end]];
  return [
    { type: 'write_metadata', value: hex(value + stages[stage]), mask: hex(mask) },
    { type: 'resubmit', table: 0 },
  ];
}

/** The first stage, whatever `metadata` was. */
export const begin: Actions = [
  { type: 'write_metadata', value: hex(stages.source), mask: hex(allBits) },
  { type: 'resubmit', table: 0 },
];

/** The packet goes on, and `metadata` says nothing of how it came here. */
export const leave: Actions = [{ type: 'set_field', field: 'metadata', value: `0/${hex(allBits)}` }, { type: 'continue' }];
