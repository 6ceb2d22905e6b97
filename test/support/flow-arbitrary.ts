import { fc } from '@fast-check/ava';
import { formatIp, formatMac, prefixMask } from '../../src/model/address.js';
import type { ActionText } from '../../src/model/action.js';
import type { FlowText } from '../../src/model/flow.js';
import { withPorts } from '../../src/flow/topology.js';
import { labTopology } from './topology.js';

const mac = fc.bigInt(1n, (1n << 48n) - 1n).map((value) => formatMac(value & ~(1n << 40n)));
const ip = (family: 4 | 6) => {
  const bits = family === 4 ? 32 : 128;
  const prefix = fc.tuple(fc.bigInt(0n, (1n << BigInt(bits)) - 1n), fc.integer({ min: 1, max: bits }));
  return prefix.map(([value, length]) => {
    const text = formatIp({ family, value: value & prefixMask(length, bits) });
    return length === bits ? text : `${text}/${length}`;
  });
};
const number = (max: number) => fc.integer({ min: 0, max });
const masked = fc
  .tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 1, max: 0xfffe }))
  .map(([value, mask]) => `0x${(value & mask).toString(16)}/0x${mask.toString(16)}`);
const port16 = fc.oneof(number(65535), masked);
const some = (fields: Record<string, fc.Arbitrary<string | number>>) => fc.record(fields, { requiredKeys: [] });

const link = some({
  eth_dst: mac,
  eth_src: mac,
  vlan_vid: fc.oneof(number(4096), fc.constantFrom('0x1000/0x1000', '0x1005/0x1007')),
});
const with4 = { ipv4_src: ip(4), ipv4_dst: ip(4), ip_dscp: number(63), ip_ecn: number(3) };
const with6 = { ipv6_src: ip(6), ipv6_dst: ip(6), ip_dscp: number(63) };
const network = fc.oneof(
  fc.constant({}),
  some(with4).map((fields) => ({ ...fields, eth_type: 0x0800 })),
  some({ ...with4, ip_proto: number(255) }).map((fields) => ({ ...fields, eth_type: 0x0800 })),
  some({ ...with4, tcp_src: port16, tcp_dst: port16 }).map((fields) => ({ ...fields, eth_type: 0x0800, ip_proto: 6 })),
  some({ ...with4, udp_src: port16, udp_dst: port16 }).map((fields) => ({ ...fields, eth_type: 0x0800, ip_proto: 17 })),
  some({ ...with4, icmpv4_type: number(255), icmpv4_code: number(255) }).map((f) => ({ ...f, eth_type: 0x0800, ip_proto: 1 })),
  some({ ...with6, tcp_dst: port16 }).map((fields) => ({ ...fields, eth_type: 0x86dd, ip_proto: 6 })),
  some({ ...with6, icmpv6_type: number(255) }).map((fields) => ({ ...fields, eth_type: 0x86dd, ip_proto: 58 })),
  some({ arp_spa: ip(4), arp_tpa: ip(4), arp_sha: mac, arp_op: number(9) }).map((fields) => ({ ...fields, eth_type: 0x0806 })),
  fc.integer({ min: 0x0900, max: 0xffff }).map((type) => ({ eth_type: type === 0x86dd ? 0x88cc : type })),
);

/** The lab's ports, and one whose name is a number. */
export const oddTopology = withPorts(labTopology(), [
  ...labTopology().ports,
  ...labTopology()
    .ports.slice(0, 1)
    .map((port) => ({ ...port, number: 77 as typeof port.number, name: '3' as typeof port.name })),
]);
export const portNames = oddTopology.ports.map((port) => port.name as string);

const output = fc.constantFrom(...portNames, 'in_port').map((port): ActionText => ({ type: 'output', port }));
const action = fc.oneof(
  output,
  fc
    .record({ field: fc.constantFrom('eth_src' as const, 'eth_dst' as const), value: mac })
    .map((set): ActionText => ({ type: 'set_field', ...set })),
);
const actions = fc.oneof(
  fc.array(action, { minLength: 1, maxLength: 6 }),
  fc.constantFrom<ActionText[]>([{ type: 'drop' }], [{ type: 'drop', reason: 'policy_refused' }]),
);

/** Flows that the operator may install; every field, mask and action that has no more conditions than its prerequisites. */
export const flowText: fc.Arbitrary<FlowText> = fc
  .record({
    priority: number(65535),
    in_port: fc.option(fc.constantFrom(...portNames), { nil: undefined }),
    link,
    network,
    actions,
    cookie: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { nil: undefined }),
  })
  .map(({ priority, in_port, link: below, network: above, actions: list, cookie }) => ({
    table: 0,
    priority,
    match: { ...(in_port === undefined ? {} : { in_port }), ...below, ...above },
    actions: list,
    ...(cookie === undefined ? {} : { cookie }),
  }));
