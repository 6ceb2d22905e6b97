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
import type { Topology } from '../../model/topology.js';
import { formatField, parseField, vlanPresent } from './value.js';

/**
 * A match in canonical form. Faults are added to `faults`; what is wrong is left out of the result.
 * @param pointer of the match in its document.
 */
export function parseMatch(text: MatchText, topology: Topology, pointer: string, faults: Fault[]): Match {
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
      if (name === 'eth_type' || name === 'ip_proto' || name === 'vlan_vid') complete = false;
      faults.push({ pointer: `${pointer}/${name}`, value: written, ...parsed.fault });
    }
  }
  found.sort(([a], [b]) => a - b);
  const match = new Map(found.map(([, name, value]) => [name, value]));
  if (complete) checkPrerequisites(match, text, pointer, faults);
  return match;
}

/** As people write it, in canonical order. */
export function formatMatch(match: Match, topology: Topology): MatchText {
  const text: Partial<Record<FieldName, string | number>> = {};
  for (const [name, value] of match) text[name] = formatField(name, value, topology);
  return text;
}

const exactValue = (match: Match, name: FieldName): number | undefined => {
  const field = match.get(name);
  return field?.mask === fullMask(fieldOf(name).spec.bits) ? Number(field.value) : undefined;
};

/** Exact values, one of each field's, that another field hangs on. */
type Needs = readonly (readonly [FieldName, readonly number[]])[];

const needsOf: ReadonlyMap<string, readonly Needs[]> = new Map(
  matchFields.map(({ name, needs }) => [name, needs.map((need) => Object.entries(need) as [FieldName, readonly number[]][])]),
);

const meets = (match: Match, needs: Needs): boolean =>
  needs.every(([name, values]) => {
    const value = exactValue(match, name);
    return value !== undefined && values.includes(value);
  });

function checkPrerequisites(match: Match, text: MatchText, pointer: string, faults: Fault[]): void {
  for (const name of match.keys()) {
    const needs = needsOf.get(name) ?? [];
    if (needs.length > 0 && !needs.some((alternative) => meets(match, alternative))) {
      const wanted = needs.map(describe).join(', or ');
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

const describe = (needs: Needs): string => needs.map(([name, values]) => `"${name}": ${values.join(' or ')}`).join(' and ');

/** The canonical text of a match, equal exactly where the matches are; a key for maps. */
export function matchKey(match: Match): string {
  let key = '';
  for (const [name, { value, mask }] of match) key += `${name}${maskText(name, mask)}=${value.toString(16)},`;
  return key;
}

/** Equal where two matches look at the same bits: they share a sub-table of the data plane. */
export function maskKey(match: Match): string {
  let key = '';
  for (const [name, { mask }] of match) key += `${name}${maskText(name, mask)},`;
  return key;
}

/** Nothing for an exact match, which most are. */
const maskText = (name: FieldName, mask: bigint): string =>
  mask === fullMask(fieldOf(name).spec.bits) ? '' : `/${mask.toString(16)}`;
