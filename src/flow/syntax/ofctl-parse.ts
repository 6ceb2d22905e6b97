import { maxTables } from '../../config/schema.js';
import { nearest } from '../../config/nearest.js';
import { VswitchError, type Fault } from '../../model/errors.js';
import { maxPriority, maxTimeout, type FlowText } from '../../model/flow.js';
import { isFieldName, matchFields, type FieldName } from '../../model/match.js';
import { parseActionList } from './ofctl-actions.js';
import { fieldValue, numberPattern, refuseInto, splitWords, wholeNumber, type Refuse, type Word } from './ofctl-lex.js';
import { fieldWords, protocolFieldWords, protocolWords, statisticsWords } from './ofctl-words.js';

/** A flow, and of one that names flows to change or delete the cookie's bits that count. */
export interface OfctlFlow extends FlowText {
  readonly cookie_mask?: number | string;
}

/**
 * A flow from a line in the syntax of ovs-ofctl(8): `priority=100,in_port=p1,ip,nw_dst=10.0.0.0/24,actions=output:p2`. OXM names are
 * taken too. Only the syntax is checked; ports and values are checked where the flow is installed.
 * @throws VswitchError FLOW_INVALID with a fault for each word that is wrong, named by its column.
 */
export function parseOfctl(line: string): OfctlFlow {
  const faults: Fault[] = [];
  const refuse = refuseInto(faults);
  const at = /(?:^|[\s,])actions?=/.exec(line);
  const head = at ? line.slice(0, at.index) : line;
  const actionsAt = at ? at.index + at[0].length : line.length;
  if (!at) {
    const remedy = 'end the line with `actions=...`, for example `actions=drop`';
    refuse(line.length + 1, undefined, 'the flow has no actions', remedy);
  }
  const flow = parseHead(splitWords(head, 1), refuse);
  const actions = parseActionList(line.slice(actionsAt), actionsAt + 1, flow.match ?? {}, refuse);
  if (at && actions.length === 0 && faults.length === 0)
    refuse(actionsAt + 1, undefined, 'there is no action', 'say `actions=drop` to drop');
  if (faults.length > 0) throw new VswitchError('FLOW_INVALID', `${faults.length} faults in "${line}"`, faults);
  return { ...flow, actions };
}

type Head = { -readonly [K in Exclude<keyof OfctlFlow, 'actions'>]?: NonNullable<OfctlFlow[K]> };
type MatchWords = Partial<Record<FieldName, string | number>>;
const anyTag = '0x1000/0x1000';

type Setter = (field: FieldName, value: string | number, word: Word) => void;

function parseHead(words: readonly Word[], refuse: Refuse): Head {
  const flow: Head = {};
  const match: MatchWords = {};
  const set: Setter = (field, value, { key, column }) => {
    if (match[field] !== undefined && match[field] !== value)
      refuse(column, key, `${field} is matched twice, as ${match[field]} and ${value}`, 'leave one of them out');
    match[field] = value;
  };
  for (const word of words) if (word.value === undefined) parseBareWord(word, set, refuse);
  const dependent: Word[] = [];
  for (const word of words) {
    const { key, value, column } = word;
    if (value === undefined || statisticsWords.has(key)) continue;
    if (isNumberWord(key)) setNumber(flow, key, word, refuse);
    else if (key === 'cookie') setCookie(flow, word, refuse);
    else if (Object.hasOwn(protocolFieldWords, key)) dependent.push(word);
    else if (Object.hasOwn(valueWords, key)) valueWords[key]?.(word, set, refuse);
    else {
      const field = isFieldName(key) ? key : Object.hasOwn(fieldWords, key) ? fieldWords[key] : undefined;
      if (field) set(field, fieldValue(value), word);
      else unknownWord(column, key, refuse);
    }
  }
  for (const word of dependent) setByProtocol(word, match, set, refuse);
  // OpenFlow 1.0's priority is that of a tag.
  if (match.vlan_pcp !== undefined) match.vlan_vid ??= anyTag;
  if (Object.keys(match).length > 0) flow.match = match;
  return flow;
}

function parseBareWord(word: Word, set: Setter, refuse: Refuse): void {
  const { key, column } = word;
  if (!Object.hasOwn(protocolWords, key)) {
    unknownWord(column, key, refuse);
    return;
  }
  const values = Object.entries(protocolWords[key as keyof typeof protocolWords]);
  for (const [field, value] of values) set(field as FieldName, value, word);
}

/** Numbers of a flow, and the greatest of each. */
const numberWords = {
  table: maxTables - 1,
  priority: maxPriority,
  idle_timeout: maxTimeout,
  hard_timeout: maxTimeout,
} as const;
const isNumberWord = (key: string): key is keyof typeof numberWords => Object.hasOwn(numberWords, key);

/** Words whose values are written otherwise than the field's. */
const valueWords: Readonly<Record<string, (word: Word, set: Setter, refuse: Refuse) => void>> = {
  dl_vlan: setVlan,
  vlan_tci: setTci,
  nw_tos: setTos,
};

const knownWords = [
  ...matchFields.map((field) => field.name),
  ...[protocolWords, fieldWords, protocolFieldWords, numberWords, valueWords].flatMap((words) => Object.keys(words)),
  ...['cookie', 'actions'],
];

function unknownWord(column: number, key: string, refuse: Refuse): void {
  const meant = nearest(key, knownWords);
  const remedy = meant === undefined ? 'docs/flows.md lists the words' : `did you mean "${meant}"?`;
  refuse(column, key, `"${key}" is no word of a flow`, remedy);
}

function setNumber(flow: Head, key: keyof typeof numberWords, { value, column }: Word, refuse: Refuse): void {
  const number = wholeNumber(value ?? '');
  if (number !== undefined && number <= numberWords[key]) flow[key] = number;
  else refuse(column, value, `${key} is a number`, `give 0 to ${numberWords[key]}`);
}

/** `cookie=VALUE`, or `cookie=VALUE/MASK`; -1 is all ones. A number that JSON does not hold exactly stays text. */
function setCookie(flow: Head, { value = '', column }: Word, refuse: Refuse): void {
  const [cookie = '', mask, more] = value.split('/');
  const number = (text: string) => (text === '-1' ? `0x${'f'.repeat(16)}` : (wholeNumber(text) ?? text));
  const isNumber = (text: string) => text === '-1' || numberPattern.test(text);
  if (!isNumber(cookie) || (mask !== undefined && !isNumber(mask)) || more !== undefined) {
    refuse(column, value, 'cookie is a number, or `value/mask`', 'give 64 bits, for example `cookie=0x2a`');
    return;
  }
  flow.cookie = number(cookie);
  if (mask !== undefined) flow.cookie_mask = number(mask);
}

/** dl_vlan=0xffff is untagged, any other value a tag; a tag of 0 is there to carry a priority. */
function setVlan(word: Word, set: Setter, refuse: Refuse): void {
  const tag = wholeNumber(word.value ?? '');
  if (tag === 0xffff) set('vlan_vid', 0, word);
  else if (tag !== undefined && tag <= 4095) set('vlan_vid', tag === 0 ? 0x1000 : tag, word);
  else refuse(word.column, word.value, 'dl_vlan is a tag', 'give 0 to 4095, or 0xffff for untagged');
}

/** The whole tag control information: the priority above the 13 bits of vlan_vid; 0 is untagged. */
function setTci(word: Word, set: Setter, refuse: Refuse): void {
  const [tci, mask = 0xffff] = (word.value ?? '').split('/', 2).map(wholeNumber);
  if (tci === undefined || tci > 0xffff || mask > 0xffff || (tci & ~mask) !== 0) {
    refuse(word.column, word.value, 'vlan_tci has 16 bits', 'give `value/mask`, for example `vlan_tci=0x1000/0x1000`');
    return;
  }
  const part = (shift: number, bits: number) => {
    const [value, of] = [(tci >> shift) & bits, (mask >> shift) & bits];
    return of === bits ? value : `${value}/${of}`;
  };
  if (tci === 0 && (mask & 0x1000) !== 0) set('vlan_vid', 0, word);
  else {
    if ((mask & 0x1fff) !== 0) set('vlan_vid', part(0, 0x1fff), word);
    if (mask >> 13 !== 0) set('vlan_pcp', part(13, 7), word);
  }
}

/** nw_tos holds the DSCP in its upper six bits. */
function setTos(word: Word, set: Setter, refuse: Refuse): void {
  const tos = wholeNumber(word.value ?? '');
  if (tos !== undefined && tos <= 255 && tos % 4 === 0) set('ip_dscp', tos / 4, word);
  else refuse(word.column, word.value, 'nw_tos is a DSCP times 4', 'give a multiple of 4 up to 252, or use ip_dscp and nw_ecn');
}

function setByProtocol(word: Word, match: MatchWords, set: Setter, refuse: Refuse): void {
  const { key, value = '', column } = word;
  const choices = protocolFieldWords[key] ?? [];
  const found = choices.find(
    ([ethType, ipProto]) => match.eth_type === ethType && (ipProto === undefined || match.ip_proto === ipProto),
  );
  if (found) set(found[2], fieldValue(value), word);
  else {
    const names = [...new Set(choices.map(([, , field]) => field))].join(', ');
    const remedy = `name the protocol first, for example \`${key.startsWith('nw') ? 'ip' : key.startsWith('icmp') ? 'icmp' : 'tcp'}\``;
    refuse(column, key, `"${key}" could be ${names}: the flow does not match a protocol that says which`, remedy);
  }
}
