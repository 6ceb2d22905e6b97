import { defaultPriority, type FlowText } from '../../model/flow.js';
import { isFieldName, matchFields, type FieldName, type MatchText } from '../../model/match.js';
import { makeTopology } from '../../model/topology.js';
import { actionWords, portWord } from './ofctl-action-words.js';
import { ofctlNames, protocolWords } from './ofctl-words.js';
import { formatField, parseField } from './value.js';

export { parseOfctl, type OfctlFlow } from './ofctl-parse.js';

/** A flow as one ovs-ofctl line, in one form: flows that match and do the same give the same line, however they were written. */
export function formatOfctl(flow: FlowText): string {
  const {
    table = 0,
    priority = defaultPriority,
    match = {},
    actions,
    cookie = 0,
    idle_timeout: idle = 0,
    hard_timeout: hard = 0,
  } = flow;
  const words = [`priority=${priority}`, ...matchWords(canonical(match))];
  if (hard !== 0) words.unshift(`hard_timeout=${hard}`);
  if (idle !== 0) words.unshift(`idle_timeout=${idle}`);
  if (table !== 0) words.unshift(`table=${table}`);
  if (BigInt(cookie) !== 0n) words.unshift(`cookie=0x${BigInt(cookie).toString(16)}`);
  return `${words.join(',')},actions=${actionWords(actions)}`;
}

/** A match alone, in the words of such a line. */
export const formatOfctlMatch = (match: MatchText): string => matchWords(canonical(match)).join(',');

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

const ipv4Names: Readonly<Partial<Record<FieldName, string>>> = { ipv4_src: 'nw_src', ipv4_dst: 'nw_dst' };
const transportNames: Readonly<Partial<Record<FieldName, string>>> = {
  tcp_src: 'tp_src',
  tcp_dst: 'tp_dst',
  udp_src: 'tp_src',
  udp_dst: 'tp_dst',
  sctp_src: 'tp_src',
  sctp_dst: 'tp_dst',
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

const protocolNumbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132, icmpv4: 1, icmpv6: 58 };
const belongsTo = (name: FieldName, ipProto: number): boolean => protocolNumbers[name.slice(0, name.indexOf('_'))] === ipProto;

function vlanWord(value: string | number): string {
  if (value === 0) return 'dl_vlan=0xffff';
  return typeof value === 'number' && value <= 4095 ? `dl_vlan=${value}` : `vlan_vid=${value}`;
}
