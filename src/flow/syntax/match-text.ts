import { jsonPointer, type Fault } from '../../model/errors.js';
import {
  fieldOf,
  fullMask,
  isFieldName,
  matchFields,
  type FieldMatch,
  type FieldName,
  type Match,
  type MatchText,
} from '../../model/match.js';
import { packed, packMatch } from '../../model/packed-match.js';
import type { Topology } from '../../model/topology.js';
import { byKind } from './by-kind.js';
import { packText } from './match-pack.js';
import { formatField, parseField, vlanPresent } from './value.js';

/**
 * A match in canonical form. Faults are added to `faults`; what is wrong is left out of the result.
 * @param pointer of the match in its document.
 * @param head table and priority of the flow, for its key.
 */
export function parseMatch(text: MatchText, topology: Topology, pointer: string, faults: Fault[], head = noHead): Match {
  const match = packText(text, topology, head.table, head.priority);
  return match && hasPrerequisites(match) ? match : explainMatch(text, topology, pointer, faults);
}

const noHead = { table: 0, priority: 0 };

/** The same of a match that has faults, which it looks for field by field. */
export function explainMatch(text: MatchText, topology: Topology, pointer: string, faults: Fault[]): Match {
  const found: [number, FieldName, FieldMatch][] = [];
  let complete = true;
  for (const [name, written] of Object.entries<string | number | undefined>(text)) {
    if (written === undefined) continue;
    if (!isFieldName(name)) {
      complete = false;
      faults.push({
        pointer: pointer + jsonPointer(name),
        value: written,
        message: 'there is no such match field',
        remedy: 'docs/flows.md lists them',
      });
      continue;
    }
    const parsed = parseField(name, written, topology);
    if (parsed.ok) found.push([fieldOf(name).number, name, parsed.value]);
    else {
      // The others' prerequisites hang on these; a fault of its own is enough.
      if (hangers.has(name)) complete = false;
      faults.push({ pointer: `${pointer}/${name}`, value: written, ...parsed.fault });
    }
  }
  found.sort(([a], [b]) => a - b);
  const match = new Map(found.map(([, name, value]) => [name, value]));
  if (complete) checkPrerequisites(match, text, pointer, faults);
  return match;
}

/** The fields that others hang on. */
const hangers: ReadonlySet<FieldName> = new Set(['eth_type', 'ip_proto', 'vlan_vid', 'icmpv6_type']);

/** As people write it, in canonical order. */
export function formatMatch(match: Match, topology: Topology): MatchText {
  const text: Partial<Record<FieldName, string | number>> = {};
  for (const [name, value] of match) text[name] = formatField(name, value, topology);
  return text;
}

/** The value of a field that is matched as a whole. */
export const exactValue = (match: Match, name: FieldName): number | undefined => {
  const field = match.get(name);
  const whole = field?.mask === fullMask(fieldOf(name).spec.bits) && field.high === undefined;
  return whole ? Number(field.value) : undefined;
};

/** Exact values, one of each field's, that another field hangs on. */
export type Needs = readonly (readonly [FieldName, readonly number[]])[];

const needsByName: ReadonlyMap<FieldName, readonly Needs[]> = new Map(
  matchFields.map(({ name, needs }) => [name, needs.map((need) => Object.entries(need) as [FieldName, readonly number[]][])]),
);

/** A field hangs on one of these. */
export const needsOf = (name: FieldName): readonly Needs[] => needsByName.get(name) ?? [];

export const meets = (valueOf: (name: FieldName) => number | undefined, needs: Needs): boolean =>
  needs.every(([name, values]) => {
    const value = valueOf(name);
    return value !== undefined && values.includes(value);
  });

/** As a match has them. */
export const describeNeeds = (needs: Needs): string =>
  needs.map(([name, values]) => `"${name}": ${values.join(' or ')}`).join(' and ');

/** Whether each field has what it hangs on. */
export const hasPrerequisites = byKind((match) => {
  const faults: Fault[] = [];
  checkPrerequisites(match, {}, '', faults);
  return faults.length === 0;
});

function checkPrerequisites(match: Match, text: MatchText, pointer: string, faults: Fault[]): void {
  for (const name of match.keys()) {
    const needs = needsOf(name);
    if (needs.length > 0 && !needs.some((alternative) => meets((field) => exactValue(match, field), alternative))) {
      const wanted = needs.map(describeNeeds).join(', or ');
      faults.push({
        pointer: pointer + jsonPointer(name),
        value: text[name],
        message: `${name} can be matched only where ${wanted} is matched too (OpenFlow 1.3, table 12)`,
        remedy: `add ${wanted}`,
      });
    }
  }
  const vlan = match.get('vlan_vid');
  if (match.has('vlan_pcp') && !(vlan && (vlan.value & vlan.mask & vlanPresent) !== 0n)) {
    faults.push({
      pointer: pointer + jsonPointer('vlan_pcp'),
      value: text.vlan_pcp,
      message: 'only a tagged packet has vlan_pcp',
      remedy: 'add "vlan_vid": "0x1000/0x1000" (any tag), or the tag',
    });
  }
}

/** Equal exactly where two matches are; a key for maps. */
export const matchKey = (match: Match): string => packMatch(match).key;

/** Equal where two matches look at the same bits: they share a sub-table of the data plane. */
export const maskKey = (match: Match): string => packed(match).shape.text;
