import { nearest } from '../../config/nearest.js';
import { settableFields, tunnelKinds, type ActionText, type SettableField, type TunnelKind } from '../../model/action.js';
import { explicitDropReasons, type ExplicitDropReason } from '../../model/drop.js';
import type { MatchText } from '../../model/match.js';
import { bad, optionals, parameters, type Call, type Parser } from './ofctl-call.js';
import { parseCt } from './ofctl-ct.js';
import { fieldValue, splitPieces, wholeNumber, type Piece, type Refuse } from './ofctl-lex.js';
import { absentActions, absentPorts, fieldWords, presentPorts, protocolFieldWords } from './ofctl-words.js';

/**
 * The actions of a line.
 * @param column of `text`, from 1.
 * @param match of the same flow, which says what `mod_tp_dst` and the like mean.
 */
export const parseActionList = (text: string, column: number, match: MatchText, refuse: Refuse): ActionText[] =>
  splitPieces(text, column).flatMap((piece) => parseAction(piece, match, refuse) ?? []);

function parseAction(piece: Piece, match: MatchText, refuse: Refuse): ActionText | undefined {
  const { text, column } = piece;
  const [, name = '', rest = ''] = /^([^:=(]*)(.*)$/s.exec(text) ?? [];
  if (rest === '' && !Object.hasOwn(parsers, name)) return parseBareAction(piece, refuse);
  const value = rest === '' ? undefined : rest.slice(1, rest.startsWith('(') ? -1 : undefined);
  const call: Call = { ...piece, name, value, valueColumn: column + name.length + 1, match, refuse };
  if (rest.startsWith('(') && !rest.endsWith(')')) return bad(call, 'a parenthesis is not closed', 'end with `)`');
  const parser = Object.hasOwn(parsers, name) ? parsers[name] : undefined;
  return parser ? parser(call) : unknownAction(call);
}

/** A port may stand for an output to it. */
function parseBareAction(piece: Piece, refuse: Refuse): ActionText | undefined {
  const { text, column } = piece;
  const call: Call = { ...piece, name: text, value: undefined, valueColumn: column, match: {}, refuse };
  const isPort = /^("[^"]+"|[A-Za-z0-9][A-Za-z0-9_.-]*)$/.test(text) && absentAction(text) === undefined;
  return isPort ? outputTo(text, call) : unknownAction(call);
}

/** What to do instead of what Open vSwitch has beyond this switch. */
const absentAction = (name: string): string | undefined =>
  Object.hasOwn(absentActions, name.toLowerCase()) ? absentActions[name.toLowerCase()] : undefined;

function unknownAction(call: Call): ActionText | undefined {
  const { name } = call;
  const instead = absentAction(name);
  if (instead !== undefined) return bad(call, `this switch has no ${name}`, instead);
  const meant = nearest(name, Object.keys(parsers));
  return bad(
    call,
    `"${name}" is no action`,
    meant === undefined ? 'docs/flows.md lists the actions' : `did you mean "${meant}"?`,
  );
}

/** For an action that has no value. */
const alone =
  (action: ActionText): Parser =>
  (call) =>
    call.value === undefined ? action : bad(call, `${call.name} takes no value`, `write \`${call.name}\``);

const replying =
  (type: 'arp_reply' | 'nd_reply'): Parser =>
  (call) =>
    call.value ? { type, mac: call.value } : bad(call, `${type} needs a MAC address`, `write \`${type}:02:00:00:00:00:01\``);

function numberOf(call: Call, example: string): number | undefined {
  const number = wholeNumber(call.value ?? '');
  if (number === undefined) bad(call, `${call.name} needs a number`, `write \`${call.name}:${example}\``);
  return number;
}

/** For a set_field by a name of OpenFlow 1.0. */
const setting =
  (field: SettableField, example: string, valueOf: (value: string) => string | number | undefined = fieldValue): Parser =>
  (call) => {
    const value = call.value === undefined || call.value === '' ? undefined : valueOf(call.value);
    return value === undefined
      ? bad(call, `${call.name} needs a value`, `write \`${call.name}:${example}\``)
      : { type: 'set_field', field, value };
  };

const settingPort =
  (word: 'tp_src' | 'tp_dst'): Parser =>
  (call) => {
    const field = fieldByProtocol(word, call.match);
    return field && !field.startsWith('icmp')
      ? setting(field, '80')(call)
      : bad(call, 'the flow does not match a protocol that says what it sets', 'match tcp, udp or sctp, or use set_field');
  };

/** The settable field that a name stands for where the flow matches this. */
function fieldByProtocol(word: string, { eth_type, ip_proto }: MatchText): SettableField | undefined {
  const choices = Object.hasOwn(protocolFieldWords, word) ? (protocolFieldWords[word] ?? []) : [];
  const found = choices.find(([type, proto]) => type === eth_type && (proto === undefined || proto === ip_proto));
  return found && settable(found[2]);
}

const settable = (name: string): SettableField | undefined => settableFields.find((field) => field === name);

const parsers: Readonly<Record<string, Parser>> = {
  drop: parseDrop,
  output: (call) => outputTo(call.value ?? '', call),
  dec_ttl: alone({ type: 'dec_ttl' }),
  pop_vlan: alone({ type: 'pop_vlan' }),
  strip_vlan: alone({ type: 'pop_vlan' }),
  clear_actions: alone({ type: 'clear_actions' }),
  push_vlan: (call) => {
    const ethertype = numberOf(call, '0x8100');
    return ethertype === undefined ? undefined : { type: 'push_vlan', ethertype };
  },
  group: (call) => {
    const group = numberOf(call, '1');
    return group === undefined ? undefined : { type: 'group', group };
  },
  meter: (call) => {
    const meter = numberOf(call, '1');
    return meter === undefined ? undefined : { type: 'meter', meter };
  },
  goto_table: (call) => {
    const table = numberOf(call, '1');
    return table === undefined ? undefined : { type: 'goto_table', table };
  },
  punt: (call) => {
    const handler = numberOf(call, '1');
    return handler === undefined ? undefined : { type: 'punt', handler };
  },
  resubmit: parseResubmit,
  mod_dl_src: setting('eth_src', '02:00:00:00:00:01'),
  mod_dl_dst: setting('eth_dst', '02:00:00:00:00:01'),
  mod_nw_src: setting('ipv4_src', '10.0.0.1'),
  mod_nw_dst: setting('ipv4_dst', '10.0.0.1'),
  mod_nw_ttl: setting('ip_ttl', '64', wholeNumber),
  mod_nw_ecn: setting('ip_ecn', '1', wholeNumber),
  mod_nw_tos: setting('ip_dscp', '184', (value) => {
    const tos = wholeNumber(value);
    return tos === undefined || tos % 4 !== 0 ? undefined : tos / 4;
  }),
  mod_vlan_vid: setting('vlan_vid', '5', (value) => (wholeNumber(value) === 0 ? 4096 : wholeNumber(value))),
  mod_vlan_pcp: setting('vlan_pcp', '5', wholeNumber),
  mod_tp_src: settingPort('tp_src'),
  mod_tp_dst: settingPort('tp_dst'),
  set_field: parseSetField,
  arp_reply: replying('arp_reply'),
  nd_reply: replying('nd_reply'),
  icmp_reply: alone({ type: 'icmp_reply' }),
  write_metadata: (call) => {
    const [value = '', mask] = (call.value ?? '').split('/', 2);
    if (value === '') return bad(call, 'write_metadata needs a value', 'write `write_metadata:0x10/0xff`');
    return { type: 'write_metadata', value: fieldValue(value), ...(mask === undefined ? {} : { mask: fieldValue(mask) }) };
  },
  write_actions: ({ value = '', valueColumn, match, refuse }) => ({
    type: 'write_actions',
    actions: parseActionList(value, valueColumn, match, refuse),
  }),
  mirror: parseMirror,
  encap: parseEncap,
  decap: parseDecap,
  ct: parseCt,
};

/** Only into a table: what came in by a port did so once. */
function parseResubmit(call: Call): ActionText | undefined {
  const [, digits] = /^,([0-9]+)$/.exec(call.value ?? '') ?? [];
  return digits === undefined
    ? bad(call, 'resubmit needs a table alone', 'write `resubmit(,1)`, last in the list')
    : { type: 'resubmit', table: Number(digits) };
}

function parseDrop(call: Call): ActionText | undefined {
  if (call.value === undefined) return { type: 'drop' };
  const reason = explicitDropReasons.find((known) => known === call.value) satisfies ExplicitDropReason | undefined;
  return reason
    ? { type: 'drop', reason }
    : bad(call, `"${call.value}" is no reason to drop`, `one of ${explicitDropReasons.join(', ')}`);
}

function outputTo(port: string, call: Call): ActionText | undefined {
  if (port === '') return bad(call, 'a port is missing', 'give its name, or IN_PORT');
  const reserved = presentPorts[port.toUpperCase()];
  if (reserved) return { type: 'output', port: reserved };
  if (absentPorts.has(port.toUpperCase())) return bad(call, `there is no port ${port}`, 'name the port, IN_PORT or FLOOD');
  return { type: 'output', port: fieldValue(port) };
}

function parseSetField(call: Call): ActionText | undefined {
  const [, value, to = ''] = /^(.+)->(.+)$/.exec(call.value ?? '') ?? [];
  const field = settable(fieldWords[to] ?? to) ?? fieldByProtocol(to, call.match);
  if (value !== undefined && field) return { type: 'set_field', field, value: fieldValue(value) };
  return value === undefined
    ? bad(call, 'set_field needs a value and a field', 'write `set_field:02:00:00:00:00:01->eth_dst`')
    : bad(call, `"${to}" is no field that can be set`, `one of ${settableFields.join(', ')}`);
}

function parseMirror(call: Call): ActionText | undefined {
  const found = parameters(call, ['port', 'one_in', 'max_bytes']);
  const port = found?.get('port')?.[0];
  if (!found) return undefined;
  if (port === undefined) return bad(call, 'mirror needs a port', 'write `mirror(port=p1)`');
  const numbers = optionals(call, found, ['one_in', 'max_bytes']);
  return numbers && { type: 'mirror', port: fieldValue(port), ...numbers };
}

const encapKeys = ['tunnel', 'vni', 'eth_src', 'eth_dst', 'src', 'dst', 'udp_dst', 'ttl', 'dscp', 'checksum'] as const;

function parseEncap(call: Call): ActionText | undefined {
  const found = parameters(call, encapKeys);
  const tunnel = found && tunnelOf(call, found);
  if (!found || !tunnel) return undefined;
  const text = (key: (typeof encapKeys)[number]): string | undefined => found.get(key)?.[0];
  const [ethSrc, ethDst, src, dst] = [text('eth_src'), text('eth_dst'), text('src'), text('dst')];
  const vni = text('vni') === 'tunnel_id' ? 'tunnel_id' : wholeNumber(text('vni') ?? '');
  if (vni === undefined || !ethSrc || !ethDst || !src || !dst)
    return bad(call, 'encap needs vni, eth_src, eth_dst, src and dst', 'a vni is a number or `tunnel_id`');
  const dscp = text('dscp') === 'inherit' ? { dscp: 'inherit' as const } : optionals(call, found, ['dscp']);
  const numbers = optionals(call, found, ['udp_dst', 'ttl']);
  const checksum = text('checksum');
  if (checksum !== undefined && checksum !== 'true' && checksum !== 'false')
    return bad(call, `"${checksum}" is not true or false`, 'write `checksum=true` or `checksum=false`');
  if (!numbers || !dscp) return undefined;
  const flag = checksum === undefined ? {} : { checksum: checksum === 'true' };
  return { type: 'encap', tunnel, vni, eth_src: ethSrc, eth_dst: ethDst, src, dst, ...numbers, ...dscp, ...flag };
}

function parseDecap(call: Call): ActionText | undefined {
  const found = parameters(call, ['tunnel', 'vni'], ['vni']);
  const tunnel = found && tunnelOf(call, found);
  if (!tunnel) return undefined;
  const vnis = (found.get('vni') ?? []).map(wholeNumber).filter((vni) => vni !== undefined);
  if (vnis.length === 0 || vnis.length !== found.get('vni')?.length)
    return bad(call, 'decap takes the VNIs that are named', 'write `decap(tunnel=vxlan,vni=5,vni=6)`');
  return { type: 'decap', tunnel, vnis };
}

function tunnelOf(call: Call, found: ReadonlyMap<string, string[]>): TunnelKind | undefined {
  const tunnel = tunnelKinds.find((kind) => kind === found.get('tunnel')?.[0]);
  if (!tunnel) bad(call, `${call.name} needs the kind of tunnel`, `write tunnel=${tunnelKinds.join(' or tunnel=')}`);
  return tunnel;
}
