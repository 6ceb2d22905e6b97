import type { Action, ActionText } from '../model/action.js';
import { maxGroupDepth, type Group, type GroupText } from '../model/group.js';
import { everyAction } from './every-action.js';

/** A group or meter that an action, or a bucket, names. */
export interface Reference {
  readonly kind: 'group' | 'meter';
  readonly id: number;
  /** Where the id is written. */
  readonly pointer: string;
}

/** Whether a list may name any. */
export function mayRefer(actions: readonly (Action | ActionText)[]): boolean {
  for (const { type } of actions) if (type === 'group' || type === 'meter' || type === 'write_actions') return true;
  return false;
}

/** What a list names, as it was written; undefined for nothing, as with most. */
export const referencesOfActions = (actions: readonly ActionText[], pointer: string): readonly Reference[] | undefined =>
  mayRefer(actions) ? [...referencesIn(actions, pointer)] : undefined;

/** @param pointer of the list of actions; nothing of it is written in what is already installed. */
export function* referencesIn(actions: readonly (Action | ActionText)[], pointer = ''): Generator<Reference> {
  for (const { action, pointer: here } of everyAction(actions, pointer)) {
    if (action.type === 'group') yield { kind: 'group', id: action.group, pointer: `${here}/group` };
    else if (action.type === 'meter') yield { kind: 'meter', id: action.meter, pointer: `${here}/meter` };
  }
}

/** What a group's buckets name, as it was written. */
export const referencesOfText = ({ buckets }: GroupText, pointer: string): Reference[] =>
  buckets.flatMap(({ watch_group: watched, actions }, i): Reference[] => {
    const here = `${pointer}/buckets/${i}`;
    const watch = watched === undefined ? [] : [{ kind: 'group' as const, id: watched, pointer: `${here}/watch_group` }];
    return [...watch, ...referencesIn(actions, `${here}/actions`)];
  });

/** The same of an installed one. */
export const referencesOf = ({ buckets }: Group): Reference[] =>
  buckets.flatMap(({ watchGroup, actions }) => {
    const watch = watchGroup === undefined ? [] : [{ kind: 'group' as const, id: watchGroup, pointer: '' }];
    return [...watch, ...referencesIn(actions)];
  });

/** Whether the actions name one of these. */
export function uses(actions: readonly Action[], kind: Reference['kind'], ids: ReadonlySet<number>): boolean {
  for (const reference of referencesIn(actions)) if (reference.kind === kind && ids.has(reference.id)) return true;
  return false;
}

/** Groups that begin a chain longer than maxGroupDepth, or one without end; with the groups that each reaches, itself included. */
export function tooDeep(groups: ReadonlyMap<number, Group>): Map<number, readonly number[]> {
  const next = new Map([...groups].map(([id, group]) => [id, groupsOf(group)]));
  let begin: readonly number[] = [...groups.keys()];
  for (let length = 1; length <= maxGroupDepth; length++) {
    const shorter = new Set(begin);
    begin = begin.filter((id) => next.get(id)?.some((other) => shorter.has(other)));
  }
  return new Map(begin.map((id) => [id, reachable(id, next)]));
}

const groupsOf = (group: Group): number[] => [
  ...new Set(referencesOf(group).flatMap(({ kind, id }) => (kind === 'group' ? [id] : []))),
];

function reachable(from: number, next: ReadonlyMap<number, readonly number[]>): number[] {
  const seen = new Set([from]);
  for (const id of seen) for (const other of next.get(id) ?? []) seen.add(other);
  return [...seen];
}
