import type { ActionText } from '../../model/action.js';
import { defaultPriority, type FlowText } from '../../model/flow.js';
import { isFieldName, matchFields, type FieldName, type MatchText } from '../../model/match.js';
import { makeTopology } from '../../model/topology.js';
import { absentPorts, protocolWords } from './ofctl-words.js';
import { formatField, parseField } from './value.js';

export { parseOfctl } from './ofctl-parse.js';

/** A flow as one ovs-ofctl line, in one form: flows that match and do the same give the same line, however they were written. */
export function formatOfctl({ table = 0, priority = defaultPriority, match = {}, actions, cookie = 0 }: FlowText): string {
  const words = [`priority=${priority}`, ...matchWords(canonical(match))];
  if (table !== 0) words.unshift(`table=${table}`);
  if (BigInt(cookie) !== 0n) words.unshift(`cookie=0x${BigInt(cookie).toString(16)}`);
  return `${words.join(',')},actions=${actions.length === 0 ? 'drop' : actions.map(actionWord).join(',')}`;
}

const noPorts = makeTopology([], [], undefined);

/** Values in their canonical form, in the order of the fields; what is no value stays as it is. */
function canonical(match: MatchText): MatchText {
  const text: Partial<Record<FieldName, string | number>> = {};
  for (const { name } of matchFields) {
    const written = match[name];
    if (written === undefined) continue;
    const field = name === 'in_port' ? undefined : parseField(name, written, noPorts);
    text[name] = field?.ok === true ? formatField(name, field.value, noPorts) : written;
  }
  return text;
}

type Protocol = keyof typeof protocolWords;

function matchWords(match: MatchText): string[] {
  const protocol = protocolOf(match);
  const implied: readonly string[] = protocol ? Object.keys(protocolWords[protocol]) : [];
  const words: string[] = [];
  for (const [name, value] of Object.entries(match)) {
    if (!isFieldName(name)) continue;
    if (name === 'eth_type' && protocol) words.push(protocol);
    else if (!implied.includes(name)) words.push(fieldWord(name, value, protocol));
  }
  return words;
}

/** The word that says most of eth_type and ip_proto. */
function protocolOf({ eth_type, ip_proto }: MatchText): Protocol | undefined {
  const names = Object.keys(protocolWords) as Protocol[];
  const fits = (proto: string | number | undefined) =>
    names.find((name) => {
      const values: { eth_type: number; ip_proto?: number } = protocolWords[name];
      return values.eth_type === eth_type && values.ip_proto === proto;
    });
  return (ip_proto === undefined ? undefined : fits(ip_proto)) ?? fits(undefined);
}

const ofctlNames: Readonly<Partial<Record<FieldName, string>>> = {
  eth_src: 'dl_src',
  eth_dst: 'dl_dst',
  eth_type: 'dl_type',
  vlan_pcp: 'dl_vlan_pcp',
  ip_ecn: 'nw_ecn',
};
const ipv4Names: Readonly<Partial<Record<FieldName, string>>> = { ipv4_src: 'nw_src', ipv4_dst: 'nw_dst' };
const transportNames: Readonly<Partial<Record<FieldName, string>>> = {
  tcp_src: 'tp_src',
  tcp_dst: 'tp_dst',
  udp_src: 'tp_src',
  udp_dst: 'tp_dst',
  icmpv4_type: 'icmp_type',
  icmpv4_code: 'icmp_code',
  icmpv6_type: 'icmp_type',
  icmpv6_code: 'icmp_code',
};

function fieldWord(name: FieldName, value: string | number, protocol: Protocol | undefined): string {
  if (name === 'in_port') return `in_port=${portWord(value)}`;
  if (name === 'vlan_vid') return vlanWord(value);
  if (name === 'eth_type' && typeof value === 'number') return `dl_type=0x${value.toString(16).padStart(4, '0')}`;
  if (name === 'ip_proto' && protocol) return `nw_proto=${value}`;
  const values: { eth_type?: number; ip_proto?: number } = protocol ? protocolWords[protocol] : {};
  // The short names mean something only beside the protocol's word.
  const short = values.eth_type === 0x0800 ? ipv4Names[name] : undefined;
  const transport = values.ip_proto === undefined || !belongsTo(name, values.ip_proto) ? undefined : transportNames[name];
  return `${ofctlNames[name] ?? short ?? transport ?? name}=${value}`;
}

const protocolNumbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmpv4: 1, icmpv6: 58 };
const belongsTo = (name: FieldName, ipProto: number): boolean => protocolNumbers[name.slice(0, name.indexOf('_'))] === ipProto;

function vlanWord(value: string | number): string {
  if (value === 0) return 'dl_vlan=0xffff';
  return typeof value === 'number' && value <= 4095 ? `dl_vlan=${value}` : `vlan_vid=${value}`;
}

/** A name of digits only, or of a word that means something, is quoted. */
const portWord = (port: string | number): string => (typeof port === 'string' && isTaken(port) ? `"${port}"` : String(port));

const isTaken = (name: string): boolean =>
  /^(0x[0-9a-f]+|[0-9]+)$/i.test(name) || name.toLowerCase() === 'in_port' || absentPorts.has(name.toUpperCase());

function actionWord(action: ActionText): string {
  switch (action.type) {
    case 'output':
      return action.port === 'in_port' ? 'IN_PORT' : `output:${portWord(action.port)}`;
    case 'drop':
      return action.reason === undefined || action.reason === 'rule_drop' ? 'drop' : `drop:${action.reason}`;
    case 'set_field':
      return `${action.field === 'eth_src' ? 'mod_dl_src' : 'mod_dl_dst'}:${String(action.value).toLowerCase()}`;
    case 'dec_ttl':
      return 'dec_ttl';
    case 'arp_reply':
      return `arp_reply:${action.mac.toLowerCase()}`;
  }
}
