import { instructionNames, type Action } from '../../model/action.js';
import { fieldOf, type FieldName } from '../../model/match.js';

/** An action or its text, as far as its place goes. */
interface Placed {
  readonly type: string;
  readonly field?: FieldName;
}

const instructionAt: ReadonlyMap<string, number> = new Map(instructionNames.map((name, i) => [name, i + 1]));
export const isInstruction = (type: string): boolean => instructionAt.has(type);

/** The actions as they stand, then the instructions in their order. */
export const arrangeList = <T extends Placed>(actions: readonly T[]): readonly T[] =>
  actions.some(({ type }) => isInstruction(type))
    ? [...actions].sort((a, b) => (instructionAt.get(a.type) ?? 0) - (instructionAt.get(b.type) ?? 0))
    : actions;

/** The order in which an action set is done (OpenFlow 1.3, section 5.10), ours where they would be; native/action/written.cc. */
const setNames = [
  'decap',
  'pop_vlan',
  'push_vlan',
  'dec_ttl',
  'set_field',
  'arp_reply',
  'encap',
  'mirror',
  'group',
  'output',
] as const satisfies readonly Action['type'][];

const fieldPlaces = 64;
const setAt: ReadonlyMap<string, number> = new Map(setNames.map((name, i) => [name, i * fieldPlaces]));
export const isForSet = (type: string): boolean => type === 'set_nw_ttl' || setAt.has(type);

/** A set holds each kind of action once, and each field; what is written later takes the place of what was there. */
export function arrangeSet<T extends Placed>(actions: readonly T[]): T[] {
  const places = new Map<number, T>();
  for (const action of actions) {
    const { type, field } = action;
    places.set((setAt.get(type) ?? -1) + (field === undefined ? 0 : fieldOf(field).number), action);
  }
  return [...places].sort(([a], [b]) => a - b).map(([, action]) => action);
}
