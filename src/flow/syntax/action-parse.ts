import type { ActionText, EncapText, NumberText } from '../../model/action.js';
import { isGroupMac, parseIp, parseMac } from '../../model/address.js';
import { portNumber, type PortNumber } from '../../model/ids.js';
import { fieldOf, fullMask } from '../../model/match.js';
import type { Topology } from '../../model/topology.js';
import { parseConntrack } from './conntrack-text.js';
import { done, wrong, type ParsedAction } from './parsed-action.js';
import { findPort, parseField, parseNumber, parsed, refused, vlanPresent, type Parsed } from './value.js';

/** OpenFlow's reserved ports: back to where the packet came from, and to all others of the tenant. */
export const reservedPorts = ['in_port', 'flood'] as const;
export type ReservedPort = (typeof reservedPorts)[number];

/** Destination ports of UDP where none is given (RFC 7348, RFC 8926). */
export const tunnelPorts = { vxlan: 4789, geneve: 6081 } as const;
export const defaultTtl = 64;
export const defaultTag = 0x8100;

/** All but write_actions, whose own actions are a list. */
export type SimpleText = Exclude<ActionText, { type: 'write_actions' }>;
type TextOf<T extends SimpleText['type']> = Extract<SimpleText, { type: T }>;
type Parsers = { readonly [T in SimpleText['type']]: (text: TextOf<T>, topology: Topology) => ParsedAction };

const parsers: Parsers = {
  output: ({ port }, topology) => {
    const found = findOutput(port, topology);
    return found.ok ? done({ type: 'output', port: found.value }) : wrong('port', port, found);
  },
  drop: ({ reason = 'rule_drop' }) => done({ type: 'drop', reason }),
  set_field: parseSetField,
  dec_ttl: () => done({ type: 'dec_ttl' }),
  set_nw_ttl: ({ ttl }) => done({ type: 'set_field', field: 'ip_ttl', value: BigInt(ttl), mask: fullMask(8) }),
  arp_reply: parseReply,
  nd_reply: parseReply,
  icmp_reply: () => done({ type: 'icmp_reply' }),
  push_vlan: ({ ethertype = defaultTag }) => {
    const found = Number(ethertype);
    if (found === 0x8100 || found === 0x88a8) return done({ type: 'push_vlan', ethertype: found });
    return wrong('ethertype', ethertype, refused('is the Ethernet type of no VLAN tag', 'give 33024 (0x8100) or 34984 (0x88a8)'));
  },
  pop_vlan: () => done({ type: 'pop_vlan' }),
  group: ({ group }) => done({ type: 'group', group }),
  meter: ({ meter }) => done({ type: 'meter', meter }),
  mirror: ({ port, one_in: oneIn = 1, max_bytes: maxBytes = 0 }, topology) => {
    const found = findPort(port, topology);
    return found.ok ? done({ type: 'mirror', port: portNumber(found.value), oneIn, maxBytes }) : wrong('port', port, found);
  },
  encap: parseEncap,
  decap: ({ tunnel, vnis }) => done({ type: 'decap', tunnel, vnis: [...new Set(vnis)].sort((a, b) => a - b) }),
  goto_table: ({ table }) => done({ type: 'goto_table', table }),
  write_metadata: parseWriteMetadata,
  clear_actions: () => done({ type: 'clear_actions' }),
  punt: ({ handler }) => done({ type: 'punt', handler }),
  resubmit: ({ table }) => done({ type: 'resubmit', table }),
  conntrack: parseConntrack,
};

/** An action by itself: what it hangs on is seen where its list is. */
export function parseAction<T extends SimpleText['type']>(text: TextOf<T>, topology: Topology): ParsedAction {
  return (parsers[text.type] as (text: TextOf<T>, topology: Topology) => ParsedAction)(text, topology);
}

/** A port may have the name of a reserved one; then it is the port. */
function findOutput(written: string | number, topology: Topology): Parsed<PortNumber | ReservedPort> {
  const reserved = reservedPorts.find((name) => name === written);
  if (reserved && !topology.portByName.has(reserved)) return parsed(reserved);
  const port = findPort(written, topology);
  return port.ok ? parsed(portNumber(port.value)) : port;
}

function parseReply({ type, mac }: TextOf<'arp_reply' | 'nd_reply'>): ParsedAction {
  const found = parsePortMac(mac);
  return found.ok ? done({ type, mac: found.value }) : wrong('mac', mac, found);
}

function parsePortMac(text: string): Parsed<bigint> {
  const mac = parseMac(text);
  return mac !== undefined && !isGroupMac(mac)
    ? parsed(mac)
    : refused('is no MAC address of one port', 'give one as `02:00:00:00:00:01`');
}

function parseSetField({ field, value: written }: TextOf<'set_field'>, topology: Topology): ParsedAction {
  const found = isRange(field, written)
    ? refused('a field is set to one value', 'give one number')
    : parseField(field, written, topology);
  if (!found.ok) return wrong('value', written, found);
  const { value, mask } = found.value;
  if (field === 'vlan_vid' && (mask & vlanPresent) !== 0n && (value & vlanPresent) === 0n)
    return wrong('value', written, refused('a packet becomes untagged by pop_vlan', 'give 1 to 4095, or 4096 for tag 0'));
  return done({ type: 'set_field', field, value, mask });
}

const isRange = (field: TextOf<'set_field'>['field'], written: NumberText): boolean =>
  fieldOf(field).spec.ranges === true && String(written).includes('-');

function parseEncap(text: EncapText): ParsedAction {
  const ethSrc = parsePortMac(text.eth_src);
  if (!ethSrc.ok) return wrong('eth_src', text.eth_src, ethSrc);
  const ethDst = parseMac(text.eth_dst);
  if (ethDst === undefined)
    return wrong('eth_dst', text.eth_dst, refused('is no MAC address', 'give one as `02:00:00:00:00:01`'));
  const [src, dst] = [parseIp(text.src), parseIp(text.dst)];
  const noAddress = refused('is no IP address', 'give one as `192.0.2.1` or `2001:db8::1`');
  if (!src) return wrong('src', text.src, noAddress);
  if (!dst) return wrong('dst', text.dst, noAddress);
  if (src.family !== dst.family)
    return wrong('dst', text.dst, refused('is of another IP version than src', 'give two IPv4 or two IPv6 addresses'));
  return done({
    type: 'encap',
    tunnel: text.tunnel,
    vni: text.vni,
    ethSrc: ethSrc.value,
    ethDst,
    family: src.family,
    src: src.value,
    dst: dst.value,
    udpDst: text.udp_dst ?? tunnelPorts[text.tunnel],
    ttl: text.ttl ?? defaultTtl,
    dscp: text.dscp ?? 0,
    checksum: text.checksum ?? src.family === 6,
  });
}

function parseWriteMetadata(text: TextOf<'write_metadata'>): ParsedAction {
  const valueAt = text.value === undefined ? 'metadata' : 'value';
  const written = text[valueAt];
  if (written === undefined) return wrong('value', undefined, refused('is missing', 'give the metadata to write'));
  if (text.value !== undefined && text.metadata !== undefined)
    return wrong('metadata', text.metadata, refused('there is a value already', 'leave one of them out'));
  const [valueText = '', maskInValue] = typeof written === 'string' ? written.split('/', 2) : [written];
  const maskAt = text.mask === undefined ? 'metadata_mask' : 'mask';
  const value = parseNumber(valueText, 64);
  if (!value.ok) return wrong(valueAt, written, value);
  const maskText = maskInValue ?? text[maskAt];
  const mask = maskText === undefined ? parsed(fullMask(64)) : parseNumber(maskText, 64);
  const place = maskInValue === undefined ? maskAt : valueAt;
  if (!mask.ok) return wrong(place, maskText, mask);
  if (mask.value === 0n) return wrong(place, maskText, refused('the mask writes nothing', 'leave the action out'));
  if ((value.value & ~mask.value) !== 0n)
    return wrong(valueAt, written, refused('the value has bits that the mask does not cover', 'clear them, or widen the mask'));
  return done({ type: 'write_metadata', value: value.value, mask: mask.value });
}
