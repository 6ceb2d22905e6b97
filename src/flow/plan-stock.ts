import type { Fault } from '../model/errors.js';
import type { Group, GroupText } from '../model/group.js';
import type { Meter, MeterText } from '../model/meter.js';
import type { Draft } from './draft.js';
import type { FindingCode } from './findings.js';
import { groupIsolationFaults } from './isolation.js';
import { referencesOfText, uses, type Reference } from './references.js';
import type { Kept, Owned } from './kept.js';
import { parseGroup } from './syntax/group-text.js';
import { parseMeter } from './syntax/meter-text.js';
import type { Workbench } from './workbench.js';

/** How groups, or meters, are read and kept. */
interface StockKind<Text, Value> {
  readonly kind: Reference['kind'];
  readonly draft: Draft<number, Kept<Value>, Owned<Value>>;
  readonly invalid: FindingCode;
  readonly notFound: FindingCode;
  idOf(text: Text): number;
  parse(text: Text, pointer: string): Value | undefined;
  references(text: Text, pointer: string): readonly Reference[];
}

export const groups = ({ desk, findings, groups: draft }: Workbench): StockKind<GroupText, Group> => ({
  kind: 'group',
  draft,
  invalid: 'GROUP_INVALID',
  notFound: 'GROUP_NOT_FOUND',
  idOf: ({ group }) => group,
  parse: (text, pointer) => {
    const { owner, topology, reach } = desk;
    findings.add('FLOW_ISOLATION', groupIsolationFaults(owner, text, topology, reach, pointer));
    return findings.collect('GROUP_INVALID', (faults) => parseGroup(text, topology, pointer, faults));
  },
  references: referencesOfText,
});

export const meters = ({ findings, meters: draft }: Workbench): StockKind<MeterText, Meter> => ({
  kind: 'meter',
  draft,
  invalid: 'METER_INVALID',
  notFound: 'METER_NOT_FOUND',
  idOf: ({ meter }) => meter,
  parse: (text, pointer) => findings.collect('METER_INVALID', (faults) => parseMeter(text, pointer, faults)),
  references: () => [],
});

/** One step on a group or a meter. */
export function runStock<Text, Value>(
  bench: Workbench,
  stock: StockKind<Text, Value>,
  op: 'add' | 'modify' | 'delete',
  text: Text | { readonly [K in Reference['kind']]?: number | 'all' },
  pointer: string,
): void {
  if (op === 'delete') {
    const id = (text as { readonly [K in Reference['kind']]?: number | 'all' })[stock.kind];
    remove(bench, stock, id === 'all' ? [...stock.draft.entries()].map(([one]) => one) : [id ?? -1], pointer);
    return;
  }
  const { draft, kind, invalid, notFound } = stock;
  const id = stock.idOf(text as Text);
  const there = draft.get(id) !== undefined;
  if (op === 'add' && there) bench.findings.add(invalid, [taken(kind, id, pointer)]);
  else if (op === 'modify' && !there) bench.findings.add(notFound, [absent(kind, id, pointer)]);
  put(bench, stock, op, text as Text, pointer);
}

/** Makes the list all that there is. */
export function replaceStock<Text, Value>(
  bench: Workbench,
  stock: StockKind<Text, Value>,
  texts: readonly Text[],
  list: string,
): void {
  const seen = new Set<number>();
  texts.forEach((text, i) => {
    const id = stock.idOf(text);
    const pointer = `${list}/${i}`;
    if (seen.has(id)) bench.findings.add(stock.invalid, [taken(stock.kind, id, pointer)]);
    seen.add(id);
    put(bench, stock, stock.draft.get(id) ? 'modify' : 'add', text, pointer);
  });
  for (const [id] of [...stock.draft.entries()]) if (!seen.has(id)) stock.draft.remove(id, list);
}

function put<Text, Value>(
  { desk: { owner } }: Workbench,
  { draft, idOf, parse, references }: StockKind<Text, Value>,
  op: 'add' | 'modify',
  text: Text,
  pointer: string,
): void {
  const value = parse(text, pointer);
  if (value === undefined) return;
  const id = idOf(text);
  draft[op](id, { owner, id, value }, { pointer, references: references(text, pointer) });
}

/** What uses one goes with it (OpenFlow 1.3, sections 6.5 and 6.6); to delete what is not there is no fault. */
function remove<Text, Value>(
  { flows }: Workbench,
  { draft, kind }: StockKind<Text, Value>,
  ids: readonly number[],
  pointer: string,
): void {
  const gone = new Set(ids.filter((id) => draft.get(id) !== undefined));
  for (const id of gone) draft.remove(id, pointer);
  if (gone.size === 0) return;
  const using = [...flows.entries()].filter(([, { actions }]) => uses(actions, kind, gone));
  for (const [key] of using) flows.remove(key, pointer);
}

const taken = (kind: Reference['kind'], id: number, pointer: string): Fault => ({
  pointer: `${pointer}/${kind}`,
  value: id,
  message: `there is a ${kind} ${id} already (${kind === 'group' ? 'OFPGMFC_GROUP_EXISTS' : 'OFPMMFC_METER_EXISTS'})`,
  remedy: `modify it, or give the ${kind} another number`,
});

const absent = (kind: Reference['kind'], id: number, pointer: string): Fault => ({
  pointer: `${pointer}/${kind}`,
  value: id,
  message: `there is no ${kind} ${id} to modify`,
  remedy: `add it; GET /v1/${kind}s lists the ${kind}s`,
});
