import type { Action, ActionText, EncapAction } from '../../model/action.js';
import { formatIp, formatMac } from '../../model/address.js';
import { fieldOf, fullMask } from '../../model/match.js';
import type { Topology } from '../../model/topology.js';
import { defaultTtl, tunnelPorts } from './action-parse.js';
import { formatConntrack } from './conntrack-text.js';
import { formatField, formatNumber } from './value.js';

type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>;
type Formatters = { readonly [T in Action['type']]: (action: ActionOf<T>, topology: Topology) => ActionText };

const formatters: Formatters = {
  output: ({ port }, topology) => ({ type: 'output', port: typeof port === 'number' ? portText(port, topology) : port }),
  drop: ({ reason }) => (reason === 'rule_drop' ? { type: 'drop' } : { type: 'drop', reason }),
  set_field: ({ field, value, mask }, topology) => ({
    type: 'set_field',
    field,
    value: formatField(field, { value, mask }, topology),
  }),
  dec_ttl: () => ({ type: 'dec_ttl' }),
  arp_reply: ({ mac }) => ({ type: 'arp_reply', mac: formatMac(mac) }),
  nd_reply: ({ mac }) => ({ type: 'nd_reply', mac: formatMac(mac) }),
  icmp_reply: () => ({ type: 'icmp_reply' }),
  push_vlan: ({ ethertype }) => ({ type: 'push_vlan', ethertype }),
  pop_vlan: () => ({ type: 'pop_vlan' }),
  group: ({ group }) => ({ type: 'group', group }),
  meter: ({ meter }) => ({ type: 'meter', meter }),
  mirror: ({ port, oneIn, maxBytes }, topology) => ({
    type: 'mirror',
    port: portText(port, topology),
    ...(oneIn === 1 ? {} : { one_in: oneIn }),
    ...(maxBytes === 0 ? {} : { max_bytes: maxBytes }),
  }),
  encap: formatEncap,
  decap: ({ tunnel, vnis }) => ({ type: 'decap', tunnel, vnis }),
  goto_table: ({ table }) => ({ type: 'goto_table', table }),
  write_metadata: ({ value, mask }) => ({
    type: 'write_metadata',
    value: formatNumber(value),
    ...(mask === fullMask(fieldOf('metadata').spec.bits) ? {} : { mask: formatNumber(mask) }),
  }),
  write_actions: ({ actions }, topology) => ({ type: 'write_actions', actions: formatActions(actions, topology) }),
  clear_actions: () => ({ type: 'clear_actions' }),
  punt: ({ handler }) => ({ type: 'punt', handler }),
  resubmit: ({ table }) => ({ type: 'resubmit', table }),
  conntrack: formatConntrack,
};

/** As people write them, what has its default left out. */
export const formatActions = (actions: readonly Action[], topology: Topology): ActionText[] =>
  actions.map((action) => formatAction(action, topology));

export function formatAction<T extends Action['type']>(action: ActionOf<T>, topology: Topology): ActionText {
  return (formatters[action.type] as (action: ActionOf<T>, topology: Topology) => ActionText)(action, topology);
}

/** A port's name, or its number where it is gone. */
export const portText = (port: number, topology: Topology): string | number => topology.portByNumber.get(port)?.name ?? port;

function formatEncap(action: EncapAction): ActionText {
  const { tunnel, vni, family, udpDst, ttl, dscp, checksum } = action;
  return {
    type: 'encap',
    tunnel,
    vni,
    eth_src: formatMac(action.ethSrc),
    eth_dst: formatMac(action.ethDst),
    src: formatIp({ family, value: action.src }),
    dst: formatIp({ family, value: action.dst }),
    ...(udpDst === tunnelPorts[tunnel] ? {} : { udp_dst: udpDst }),
    ...(ttl === defaultTtl ? {} : { ttl }),
    ...(dscp === 0 ? {} : { dscp }),
    ...(checksum === (family === 6) ? {} : { checksum }),
  };
}
