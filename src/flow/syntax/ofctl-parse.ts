import { nearest } from '../../config/nearest.js';
import { settableFields, explicitDropReasons, type ActionText } from '../../model/action.js';
import { VswitchError, type Fault } from '../../model/errors.js';
import type { FlowText } from '../../model/flow.js';
import { isFieldName, matchFields, type FieldName } from '../../model/match.js';
import { absentPorts, fieldWords, protocolFieldWords, protocolWords, statisticsWords } from './ofctl-words.js';

/** One `key=value` of a line, with the column (from 1) where it begins. */
interface Word {
  readonly key: string;
  readonly value: string | undefined;
  readonly column: number;
}

/**
 * A flow from a line in the syntax of ovs-ofctl(8): `priority=100,in_port=p1,ip,nw_dst=10.0.0.0/24,actions=output:p2`. OXM names are
 * taken too. Only the syntax is checked; ports and values are checked where the flow is installed.
 * @throws VswitchError FLOW_INVALID with a fault for each word that is wrong, named by its column.
 */
export function parseOfctl(line: string): FlowText {
  const faults: Fault[] = [];
  const at = /(?:^|[\s,])actions?=/.exec(line);
  const head = at ? line.slice(0, at.index) : line;
  const actionsAt = at ? at.index + at[0].length : line.length;
  if (!at)
    faults.push(
      fault(line.length + 1, undefined, 'the flow has no actions', 'end the line with `actions=...`, for example `actions=drop`'),
    );
  const flow = parseHead(wordsOf(head), faults);
  const actions = splitAt(line.slice(actionsAt), actionsAt).flatMap(({ text, column }) => parseAction(text, column, faults));
  if (at && actions.length === 0 && faults.length === 0)
    faults.push(fault(actionsAt + 1, undefined, 'there is no action', 'say `actions=drop` to drop'));
  if (faults.length > 0) throw new VswitchError('FLOW_INVALID', `${faults.length} faults in "${line}"`, faults);
  return { ...flow, actions };
}

const fault = (column: number, value: string | undefined, message: string, remedy: string): Fault => ({
  pointer: `/column ${column}`,
  ...(value === undefined ? {} : { value }),
  message,
  remedy,
});

const splitAt = (text: string, offset: number): { text: string; column: number }[] =>
  [...text.matchAll(/[^\s,]+/g)].map((found) => ({ text: found[0], column: offset + found.index + 1 }));

const wordsOf = (head: string): Word[] =>
  splitAt(head, 0).map(({ text, column }) => {
    const equals = text.indexOf('=');
    return equals < 0
      ? { key: text, value: undefined, column }
      : { key: text.slice(0, equals), value: text.slice(equals + 1), column };
  });

type Head = { -readonly [K in Exclude<keyof FlowText, 'actions'>]?: NonNullable<FlowText[K]> };

function parseHead(words: readonly Word[], faults: Fault[]): Head {
  const flow: Head = {};
  const match: Partial<Record<FieldName, string | number>> = {};
  const set = (field: FieldName, value: string | number, { key, column }: Word): void => {
    if (match[field] !== undefined && match[field] !== value)
      faults.push(fault(column, key, `${field} is matched twice, as ${match[field]} and ${value}`, 'leave one of them out'));
    match[field] = value;
  };
  for (const word of words) if (word.value === undefined) parseBareWord(word, set, faults);
  const dependent: Word[] = [];
  for (const word of words) {
    const { key, value, column } = word;
    if (value === undefined || statisticsWords.has(key)) continue;
    if (key === 'table' || key === 'priority') setNumber(flow, key, word, faults);
    else if (key === 'cookie') setCookie(flow, word, faults);
    else if (Object.hasOwn(protocolFieldWords, key)) dependent.push(word);
    else if (key === 'dl_vlan') setVlan(word, set, faults);
    else if (key === 'nw_tos') setTos(word, set, faults);
    else {
      const field = isFieldName(key) ? key : Object.hasOwn(fieldWords, key) ? fieldWords[key] : undefined;
      if (field) set(field, fieldValue(value), word);
      else faults.push(unknownWord(column, key));
    }
  }
  for (const word of dependent) setByProtocol(word, match, set, faults);
  if (Object.keys(match).length > 0) flow.match = match;
  return flow;
}

type Setter = (field: FieldName, value: string | number, word: Word) => void;

function parseBareWord(word: Word, set: Setter, faults: Fault[]): void {
  const { key, column } = word;
  if (!Object.hasOwn(protocolWords, key)) {
    faults.push(unknownWord(column, key));
    return;
  }
  const values = Object.entries(protocolWords[key as keyof typeof protocolWords]);
  for (const [field, value] of values) set(field as FieldName, value, word);
}

const knownWords = [
  ...matchFields.map((field) => field.name),
  ...Object.keys(protocolWords),
  ...Object.keys(fieldWords),
  ...Object.keys(protocolFieldWords),
  ...['table', 'priority', 'cookie', 'dl_vlan', 'nw_tos', 'actions'],
];

function unknownWord(column: number, key: string): Fault {
  const meant = nearest(key, knownWords);
  return fault(
    column,
    key,
    `"${key}" is no word of a flow`,
    meant === undefined ? 'docs/flows.md lists the words' : `did you mean "${meant}"?`,
  );
}

const numberPattern = /^(0x[0-9a-f]+|[0-9]+)$/i;

/** A number where the whole text is one and JSON holds it exactly. */
function wholeNumber(text: string): number | undefined {
  if (!numberPattern.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** ovs-ofctl quotes port names that look like something else. */
const unquoted = (text: string): string | undefined => /^"([^"]*)"$/.exec(text)?.[1];

const fieldValue = (text: string): string | number => unquoted(text) ?? wholeNumber(text) ?? text;

function setNumber(flow: Head, key: 'table' | 'priority', { value, column }: Word, faults: Fault[]): void {
  const number = wholeNumber(value ?? '');
  const most = key === 'table' ? 254 : 65535;
  if (number !== undefined && number <= most) flow[key] = number;
  else faults.push(fault(column, value, `${key} is a number`, `give 0 to ${most}`));
}

/** A cookie that JSON does not hold exactly stays text. */
function setCookie(flow: Head, { value = '', column }: Word, faults: Fault[]): void {
  if (numberPattern.test(value)) flow.cookie = wholeNumber(value) ?? value;
  else faults.push(fault(column, value, 'cookie is a number', 'give 64 bits, for example `cookie=0x2a`'));
}

/** dl_vlan=0xffff is untagged, any other value a tag; a tag of 0 is there to carry a priority. */
function setVlan(word: Word, set: Setter, faults: Fault[]): void {
  const tag = wholeNumber(word.value ?? '');
  if (tag === 0xffff) set('vlan_vid', 0, word);
  else if (tag !== undefined && tag <= 4095) set('vlan_vid', tag === 0 ? 0x1000 : tag, word);
  else faults.push(fault(word.column, word.value, 'dl_vlan is a tag', 'give 0 to 4095, or 0xffff for untagged'));
}

/** nw_tos holds the DSCP in its upper six bits. */
function setTos(word: Word, set: Setter, faults: Fault[]): void {
  const tos = wholeNumber(word.value ?? '');
  if (tos !== undefined && tos <= 255 && tos % 4 === 0) set('ip_dscp', tos / 4, word);
  else
    faults.push(
      fault(word.column, word.value, 'nw_tos is a DSCP times 4', 'give a multiple of 4 up to 252, or use ip_dscp and nw_ecn'),
    );
}

function setByProtocol(word: Word, match: Partial<Record<FieldName, string | number>>, set: Setter, faults: Fault[]): void {
  const { key, value = '', column } = word;
  const choices = protocolFieldWords[key] ?? [];
  const found = choices.find(
    ([ethType, ipProto]) => match.eth_type === ethType && (ipProto === undefined || match.ip_proto === ipProto),
  );
  if (found) set(found[2], fieldValue(value), word);
  else {
    const names = [...new Set(choices.map(([, , field]) => field))].join(', ');
    const remedy = `name the protocol first, for example \`${key.startsWith('nw') ? 'ip' : key.startsWith('icmp') ? 'icmp' : 'tcp'}\``;
    faults.push(fault(column, key, `"${key}" could be ${names}: the flow does not match a protocol that says which`, remedy));
  }
}

function parseAction(text: string, column: number, faults: Fault[]): ActionText[] {
  const [, name = '', value] = /^([^:=(]*)(?:[:=](.*))?$/.exec(text) ?? [text, text];
  const bad = (message: string, remedy: string): [] => {
    faults.push(fault(column, text, message, remedy));
    return [];
  };
  const outputTo = (port: string): ActionText[] => {
    if (port === 'IN_PORT' || port === 'in_port') return [{ type: 'output', port: 'in_port' }];
    if (absentPorts.has(port.toUpperCase())) return bad(`there is no port ${port}`, 'name the port, or IN_PORT');
    return port === '' ? bad('a port is missing', 'give its name, or IN_PORT') : [{ type: 'output', port: fieldValue(port) }];
  };
  switch (name) {
    case 'drop':
      if (value === undefined) return [{ type: 'drop' }];
      return explicitDropReasons.some((reason) => reason === value)
        ? [{ type: 'drop', reason: value as (typeof explicitDropReasons)[number] }]
        : bad(`"${value}" is no reason to drop`, `one of ${explicitDropReasons.join(', ')}`);
    case 'output':
      return outputTo(value ?? '');
    case 'dec_ttl':
      return value === undefined ? [{ type: 'dec_ttl' }] : bad('dec_ttl takes no value', 'write `dec_ttl`');
    case 'mod_dl_src':
    case 'mod_dl_dst':
      if (!value) return bad(`${name} needs a MAC address`, `write \`${name}:02:00:00:00:00:01\``);
      return [{ type: 'set_field', field: name === 'mod_dl_src' ? 'eth_src' : 'eth_dst', value }];
    case 'arp_reply':
      return value
        ? [{ type: 'arp_reply', mac: value }]
        : bad('arp_reply needs a MAC address', 'write `arp_reply:02:00:00:00:00:01`');
    case 'set_field': {
      const [, set, to = ''] = /^(.+)->(.+)$/.exec(value ?? '') ?? [];
      const field = settableFields.find((settable) => settable === (fieldWords[to] ?? to));
      return set !== undefined && field
        ? [{ type: 'set_field', field, value: set }]
        : bad('set_field sets eth_src or eth_dst', 'write `set_field:02:00:00:00:00:01->eth_dst`');
    }
  }
  if (value === undefined && /^("[^"]+"|[A-Za-z0-9][A-Za-z0-9_.-]*)$/.test(text)) return outputTo(text);
  const meant = nearest(name, ['output', 'drop', 'dec_ttl', 'mod_dl_src', 'mod_dl_dst', 'set_field', 'arp_reply']);
  return bad(`"${name}" is no action`, meant === undefined ? 'docs/flows.md lists the actions' : `did you mean "${meant}"?`);
}
