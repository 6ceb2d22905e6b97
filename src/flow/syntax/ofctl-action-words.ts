import type { ActionText, EncapText, SettableField } from '../../model/action.js';
import { makeTopology } from '../../model/topology.js';
import { formatAction } from './action-format.js';
import { arrangeList, arrangeSet } from './action-order.js';
import { parseAction } from './action-parse.js';
import { ctWord } from './ofctl-ct.js';
import { absentPorts, ofctlNames, presentPorts } from './ofctl-words.js';

/** The actions of a line, in one form however they were written. */
export const actionWords = (actions: readonly ActionText[]): string =>
  actions.length === 0 ? 'drop' : arrangeList(actions.flatMap(plain)).map(actionWord).join(',');

/** A conntrack's table is a goto_table. */
function plain(text: ActionText): readonly ActionText[] {
  if (text.type !== 'conntrack' || text.table === undefined) return [canonical(text)];
  const { table, ...rest } = text;
  return [canonical(rest), { type: 'goto_table', table }];
}

const noPorts = makeTopology([], [], undefined);

/** Values in their canonical form; what is no value stays as it is, and so do ports, of which none is known here. */
function canonical(text: ActionText): ActionText {
  if (text.type === 'output' || text.type === 'mirror') return text;
  if (text.type === 'write_actions') return { ...text, actions: arrangeSet(text.actions.map(canonical)) };
  const parsed = parseAction(text, noPorts);
  return parsed.ok ? formatAction(parsed.action, noPorts) : text;
}

/** A name of digits only, or of a word that means something, is quoted. */
export const portWord = (port: string | number): string =>
  typeof port === 'string' && isTaken(port) ? `"${port}"` : String(port);

const isTaken = (name: string): boolean =>
  /^(0x[0-9a-f]+|[0-9]+)$/i.test(name) || Object.hasOwn(presentPorts, name.toUpperCase()) || absentPorts.has(name.toUpperCase());

function actionWord(action: ActionText): string {
  switch (action.type) {
    case 'output':
      return outputWord(action.port);
    case 'drop':
      return action.reason === undefined || action.reason === 'rule_drop' ? 'drop' : `drop:${action.reason}`;
    case 'set_field':
      return setWord(action.field, action.value);
    case 'set_nw_ttl':
      return `mod_nw_ttl:${action.ttl}`;
    case 'arp_reply':
    case 'nd_reply':
      return `${action.type}:${action.mac}`;
    case 'push_vlan':
      return `push_vlan:0x${Number(action.ethertype).toString(16)}`;
    case 'group':
      return `group:${action.group}`;
    case 'meter':
      return `meter:${action.meter}`;
    case 'goto_table':
      return `goto_table:${action.table}`;
    case 'punt':
      return `punt:${action.handler}`;
    case 'resubmit':
      return `resubmit(,${action.table})`;
    case 'write_metadata':
      return `write_metadata:${action.value ?? ''}${action.mask === undefined ? '' : `/${action.mask}`}`;
    case 'write_actions':
      return `write_actions(${action.actions.map(actionWord).join(',')})`;
    case 'mirror':
      return `mirror(${parameters({ port: portWord(action.port), one_in: unless(action.one_in, 1), max_bytes: unless(action.max_bytes, 0) })})`;
    case 'encap':
      return encapWord(action);
    case 'decap':
      return `decap(tunnel=${action.tunnel}${action.vnis.map((vni) => `,vni=${vni}`).join('')})`;
    case 'conntrack':
      return ctWord(action);
    case 'dec_ttl':
    case 'pop_vlan':
    case 'clear_actions':
    case 'icmp_reply':
      return action.type;
  }
}

function outputWord(port: string | number): string {
  if (port === 'in_port') return 'IN_PORT';
  return port === 'flood' ? 'FLOOD' : `output:${portWord(port)}`;
}

/** What ovs-ofctl has had a word for since OpenFlow 1.0. */
const oldWords: Readonly<Record<string, string>> = {
  eth_src: 'mod_dl_src',
  eth_dst: 'mod_dl_dst',
  ipv4_src: 'mod_nw_src',
  ipv4_dst: 'mod_nw_dst',
  ip_ttl: 'mod_nw_ttl',
};
/** Open vSwitch's names of what it does not call as OpenFlow does. */
const settableNames: Readonly<Record<string, string>> = { ...ofctlNames, ipv4_src: 'ip_src', ipv4_dst: 'ip_dst' };

function setWord(field: SettableField, value: string | number): string {
  const word = String(value).includes('/') ? undefined : oldWords[field];
  if (word !== undefined) return `${word}:${value}`;
  // As Open vSwitch wants it, with OFPVID_PRESENT.
  const written = field === 'vlan_vid' && typeof value === 'number' && value < 0x1000 ? value + 0x1000 : value;
  return `set_field:${written}->${settableNames[field] ?? field}`;
}

const encapWord = ({ type, ...values }: EncapText): string => `${type}(${parameters(values)})`;

const unless = (value: number | undefined, normal: number): number | undefined => (value === normal ? undefined : value);

const parameters = (values: Readonly<Record<string, string | number | boolean | undefined>>): string =>
  Object.entries(values)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .join(',');
