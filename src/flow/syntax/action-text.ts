import type { Action, ActionText } from '../../model/action.js';
import type { Fault } from '../../model/errors.js';
import type { Topology } from '../../model/topology.js';
import { arrangeList, arrangeSet, isForSet, isInstruction } from './action-order.js';
import { parseAction, type SimpleText } from './action-parse.js';
import { recentLists } from './recent-lists.js';
import { knownAfter, missing, nothingKnown, type Known } from './known.js';

/** What no list of actions can be empty of. */
export const dropAction: Action = { type: 'drop', reason: 'rule_drop' };

const onlyDrop: readonly Action[] = [dropAction];

/** Where a list stands: in a rule of that table, in a bucket, or in an action set. */
type Place = { readonly in: 'rule'; readonly table: number } | { readonly in: 'bucket' | 'set' };

type WriteText = Extract<ActionText, { type: 'write_actions' }>;

/**
 * The actions of a rule in canonical form: instructions last and in their order; an empty list is a drop. Faults are added to `faults`;
 * what is wrong is left out of the result.
 * @param known of the packets that the rule matches, for the actions' prerequisites.
 * @param pointer of the list in its document.
 */
export function parseActions(
  texts: readonly ActionText[],
  known: Known,
  table: number,
  topology: Topology,
  pointer: string,
  faults: Fault[],
): readonly Action[] {
  const recent = recentLists(topology);
  const again = recent.find(texts, known, table);
  if (again) return again;
  const before = faults.length;
  const actions = new ListParser({ in: 'rule', table }, known, topology, pointer, faults).parse(texts);
  if (faults.length === before) recent.keep({ texts, known, table, actions });
  return actions;
}

/** The actions of a bucket, to which any packet may come. */
export const parseBucketActions = (
  texts: readonly ActionText[],
  topology: Topology,
  pointer: string,
  faults: Fault[],
): readonly Action[] => new ListParser({ in: 'bucket' }, nothingKnown, topology, pointer, faults).parse(texts);

class ListParser {
  readonly #place: Place;
  readonly #topology: Topology;
  readonly #pointer: string;
  readonly #faults: Fault[];
  #known: Known;

  constructor(place: Place, known: Known, topology: Topology, pointer: string, faults: Fault[]) {
    this.#place = place;
    this.#known = known;
    this.#topology = topology;
    this.#pointer = pointer;
    this.#faults = faults;
  }

  parse(texts: readonly ActionText[]): readonly Action[] {
    if (texts.length === 0) return onlyDrop;
    const actions: Action[] = [];
    const writes: { readonly text: WriteText; readonly at: number }[] = [];
    texts.forEach((text, at) => {
      if (!this.#mayStandHere(text, at, texts)) return;
      if (text.type === 'write_actions') writes.push({ text, at });
      else {
        const action = this.#parse(text, at);
        if (action) actions.push(action);
        if (text.type === 'conntrack' && text.table !== undefined) actions.push({ type: 'goto_table', table: text.table });
      }
    });
    // An action set is done after the actions, wherever it stands.
    for (const { text, at } of writes) actions.push({ type: 'write_actions', actions: this.#parseSet(text, at) });
    return arrangeList(actions);
  }

  #parse(text: SimpleText, at: number): Action | undefined {
    const found = parseAction(text, this.#topology);
    if (!found.ok) {
      this.#faults.push({ pointer: `${this.#pointer}/${at}/${found.at}`, value: found.value, ...found.fault });
      // A fault of its own is enough; what it would have changed is not known.
      this.#known = nothingKnown;
      return undefined;
    }
    if (this.#place.in !== 'set') this.#follow(found.action, text.type, at);
    return found.action;
  }

  #follow(action: Action, type: string, at: number): void {
    const needs = missing(this.#known, action);
    if (needs) this.#refuse(at, type, needs.message, needs.remedy);
    this.#known = knownAfter(this.#known, action);
  }

  /** A set holds each kind of action once, and each field; what is written later takes the place of what was there. */
  #parseSet({ actions: texts }: WriteText, at: number): readonly Action[] {
    const inner = new ListParser({ in: 'set' }, this.#known, this.#topology, `${this.#pointer}/${at}/actions`, this.#faults);
    return inner.#parseWritten(texts);
  }

  #parseWritten(texts: readonly ActionText[]): readonly Action[] {
    const places = new Map<Action, number>();
    texts.forEach((text, at) => {
      if (!this.#mayStandHere(text, at, texts) || text.type === 'write_actions') return;
      const action = this.#parse(text, at);
      if (action) places.set(action, at);
    });
    const set = arrangeSet([...places.keys()]);
    for (const action of set) this.#follow(action, action.type, places.get(action) ?? 0);
    return set;
  }

  #mayStandHere(text: ActionText, at: number, texts: readonly ActionText[]): boolean {
    const { type } = text;
    const place = this.#place;
    if (type === 'drop' && texts.length > 1)
      return this.#refuse(at, type, 'a drop is not alone', 'leave the other actions out, or the drop');
    if (type === 'punt' && (place.in === 'bucket' || at !== texts.length - 1))
      return this.#refuse(at, type, 'a punted packet ends there', 'make punt the last action of a rule');
    if (place.in === 'set' && !isForSet(type))
      return this.#refuse(at, type, `${type} is not for an action set`, 'put it beside write_actions');
    if (place.in === 'bucket' && isInstruction(type))
      return this.#refuse(at, type, `${type} is not for a bucket`, 'put it into the rule that sends to the group');
    if (isInstruction(type) && texts.findIndex((other) => other.type === type) !== at)
      return this.#refuse(at, type, `there is a ${type} already`, 'a rule has one of each instruction');
    return tableOf(text) === undefined || this.#mayGoOn(text, at, texts);
  }

  /** To another table, by a goto_table or a conntrack that stands for one. */
  #mayGoOn(text: ActionText, at: number, texts: readonly ActionText[]): boolean {
    const table = tableOf(text);
    const refuse = (message: string, remedy: string): false => {
      this.#faults.push({ pointer: `${this.#pointer}/${at}/table`, value: table, message, remedy });
      return false;
    };
    const place = this.#place;
    if (place.in !== 'rule') return refuse('a bucket goes to no table', 'put a goto_table into the rule that sends to the group');
    if (text.type !== 'resubmit' && table !== undefined && table <= place.table)
      return refuse(`a packet goes only to later tables than ${place.table}`, 'give a later table, or resubmit');
    const other = texts.findIndex((one, i) => i !== at && tableOf(one) !== undefined);
    return text.type === 'goto_table' || other < 0 || refuse('the packet goes to a table already', 'leave one of the tables out');
  }

  #refuse(at: number, type: string, message: string, remedy: string): false {
    this.#faults.push({ pointer: `${this.#pointer}/${at}`, value: type, message, remedy });
    return false;
  }
}

/** The table to which a packet goes then. */
const tableOf = (text: ActionText): number | undefined =>
  text.type === 'goto_table' || text.type === 'resubmit' || text.type === 'conntrack' ? text.table : undefined;

/** The canonical text of a list of actions, equal exactly where the lists are. */
export const actionsKey = (actions: readonly Action[]): string => actions.map(actionKey).join(',');

export const sameActions = (a: readonly Action[], b: readonly Action[]): boolean => a === b || actionsKey(a) === actionsKey(b);

function actionKey(action: Action): string {
  switch (action.type) {
    case 'output':
      return `output:${action.port}`;
    case 'set_field':
      return `${action.field}:${action.value.toString(16)}/${action.mask.toString(16)}`;
    case 'write_actions':
      return `write_actions(${actionsKey(action.actions)})`;
    default:
      return Object.entries(action)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${String(value)}`)
        .join(';');
  }
}
