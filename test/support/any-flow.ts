import fc from 'fast-check';
import type { ActionText } from '../../src/model/action.js';
import { formatIp, formatMac, prefixMask } from '../../src/model/address.js';
import type { FlowText } from '../../src/model/flow.js';
import { fieldOf, fullMask, type FieldName, type MatchText } from '../../src/model/match.js';

type Value = string | number;

/** A value of so many bits, whole or masked: no bit outside the mask, and some bit in it. */
const bitsOf = (bits: number, write: (value: bigint) => string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.bigInt({ min: 0n, max: fullMask(bits) }), fc.option(fc.bigInt({ min: 1n, max: fullMask(bits) })))
    .map(([value, mask]) => (mask === null ? write(value) : `${write(value & mask)}/${write(mask)}`));

const ip = (family: 4 | 6, bits: number): fc.Arbitrary<string> =>
  fc.oneof(
    bitsOf(bits, (value) => formatIp({ family, value })),
    fc
      .tuple(fc.bigInt({ min: 0n, max: fullMask(bits) }), fc.integer({ min: 1, max: bits }))
      .map(([value, length]) => `${formatIp({ family, value: value & prefixMask(length, bits) })}/${length}`),
  );

const number = (bits: number): fc.Arbitrary<Value> =>
  fc.oneof(
    fc.nat(Number(fullMask(bits))),
    bitsOf(bits, (value) => `0x${value.toString(16)}`),
  );

const vlan: fc.Arbitrary<Value> = fc.oneof(fc.nat(0x1fff), fc.constant('0x1000/0x1000'), fc.constant('0x1004/0x1fff'));
const portName = fc.oneof(
  fc.constantFrom('p1', 'gw-red.1', '7', '0x1f', 'IN_PORT', 'NORMAL', 'local', 'drop'),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/),
);
const port = fc.oneof(portName, fc.integer({ min: 1, max: 254 }));
const mac = bitsOf(48, formatMac);
const wholeMac = fc.bigInt({ min: 0n, max: fullMask(48) }).map(formatMac);

const valueOf = (name: FieldName): fc.Arbitrary<Value> => {
  const { bits, format } = fieldOf(name).spec;
  switch (format) {
    case 'port':
      return port;
    case 'mac':
      return mac;
    case 'ipv4':
      return ip(4, bits);
    case 'ipv6':
      return ip(6, bits);
    case 'vlan':
      return vlan;
    case 'number':
      return number(bits);
  }
};

const some = (fixed: MatchText, ...names: FieldName[]): fc.Arbitrary<MatchText> =>
  fc
    .record(Object.fromEntries(names.map((name) => [name, valueOf(name)])), { requiredKeys: [] })
    .map((fields) => ({ ...fields, ...fixed }));

const link = ['in_port', 'eth_dst', 'eth_src', 'vlan_vid', 'vlan_pcp'] as const;
const ipv4 = [...link, 'ip_dscp', 'ip_ecn', 'ipv4_src', 'ipv4_dst'] as const;
const ipv6 = [...link, 'ip_dscp', 'ip_ecn', 'ipv6_src', 'ipv6_dst'] as const;

const match: fc.Arbitrary<MatchText> = fc.oneof(
  some({}, ...link, 'eth_type'),
  some({ eth_type: 0x806 }, ...link, 'arp_op', 'arp_spa', 'arp_tpa', 'arp_sha', 'arp_tha'),
  some({ eth_type: 0x800 }, ...ipv4, 'ip_proto'),
  some({ eth_type: 0x86dd }, ...ipv6, 'ip_proto'),
  some({ eth_type: 0x800, ip_proto: 6 }, ...ipv4, 'tcp_src', 'tcp_dst'),
  some({ eth_type: 0x86dd, ip_proto: 6 }, ...ipv6, 'tcp_src', 'tcp_dst'),
  some({ eth_type: 0x800, ip_proto: 17 }, ...ipv4, 'udp_src', 'udp_dst'),
  some({ eth_type: 0x86dd, ip_proto: 17 }, ...ipv6, 'udp_src', 'udp_dst'),
  some({ eth_type: 0x800, ip_proto: 1 }, ...ipv4, 'icmpv4_type', 'icmpv4_code'),
  some({ eth_type: 0x86dd, ip_proto: 58 }, ...ipv6, 'icmpv6_type', 'icmpv6_code'),
);

const action: fc.Arbitrary<ActionText> = fc.oneof(
  port.map((to) => ({ type: 'output', port: to }) as const),
  fc.constant({ type: 'output', port: 'in_port' } as const),
  fc.constant({ type: 'dec_ttl' } as const),
  fc.constantFrom({ type: 'drop' } as const, { type: 'drop', reason: 'policy_refused' } as const),
  fc
    .tuple(fc.constantFrom('eth_src', 'eth_dst'), wholeMac)
    .map(([field, value]) => ({ type: 'set_field', field, value }) as const),
  wholeMac.map((value) => ({ type: 'arp_reply', mac: value }) as const),
);

/** A flow with the values and prerequisites that OpenFlow allows; its ports need not exist, nor its actions make sense together. */
export const anyFlow: fc.Arbitrary<FlowText> = fc.record(
  {
    table: fc.nat(254),
    priority: fc.nat(65535),
    cookie: fc.oneof(
      fc.maxSafeNat(),
      fc.bigInt({ min: 0n, max: fullMask(64) }).map((value) => `0x${value.toString(16)}`),
    ),
    match,
    actions: fc.array(action, { minLength: 1, maxLength: 5 }),
  },
  { requiredKeys: ['actions'] },
);
