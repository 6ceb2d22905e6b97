import { readFileSync } from 'node:fs';
import { formatPrefix, withoutHostBits } from '../../src/model/address.js';
import type { FlowText } from '../../src/model/flow.js';
import { dataPath } from './data.js';
import { frameOf } from './frames.js';
import type { JudgedSwitch } from './switch.js';
import { Tally } from './tally.js';
import { valueText } from './value-text.js';

/** DPDK's own test of its classifier: rules of two categories, and the winner of each for each packet. */
interface AclTest {
  readonly rules: readonly AclRule[];
  readonly data: readonly AclPacket[];
}

type AclRule = Readonly<Partial<Record<string, number>>> & {
  readonly userdata: number;
  readonly category_mask: number;
  readonly priority: number;
};

interface AclPacket {
  readonly ip_src?: number;
  readonly ip_dst?: number;
  readonly vlan?: number;
  readonly domain?: number;
  readonly port_src?: number;
  readonly port_dst?: number;
  readonly proto?: number;
  readonly allow?: number;
  readonly deny?: number;
}

/** Category 0 is table 0, category 1 is table 1, which each packet meets too. */
const categories = [0, 1] as const;
const verdicts = ['allow', 'deny'] as const;

export async function judgeAcl(judged: JudgedSwitch): Promise<Tally> {
  const tally = new Tally();
  const { rules, data } = JSON.parse(readFileSync(dataPath('acl', 'test_acl.json'), 'utf8')) as AclTest;
  const flows = categories.flatMap((table) => [
    ...rules.filter((rule) => rule.category_mask & (1 << table)).map((rule) => aclFlow(rule, table)),
    { table, priority: 0, actions: actionsOf(table) },
  ]);
  const packets = data.map((packet) => ({ in_port: 1, packet: frameOf(aclHeader(packet)) }));
  const answers = await judged.run(flows, packets);
  data.forEach((packet, i) => {
    for (const category of categories) {
      const hit = answers[i]!.rules.find(({ table }) => table === category);
      const wanted = packet[verdicts[category]] ?? 0;
      tally.check(hit?.cookie === wanted, () => `packet ${i}, category ${category}: rule ${hit?.cookie}, not ${wanted}`);
    }
  });
  return tally;
}

const actionsOf = (table: number): FlowText['actions'] =>
  table === 0 ? [{ type: 'goto_table', table: 1 }] : [{ type: 'output', port: 'p2' }];

/** VLAN and domain have 16 bits and proto any mask: they stand in the addresses' low bytes and in the TTL. */
function aclFlow(rule: AclRule, table: number): FlowText {
  const match: Record<string, string | number> = { eth_type: 0x0800, ip_proto: 6 };
  for (const side of ['src', 'dst'] as const) {
    const length = rule[`${side}_mask_len`] ?? 0;
    const prefix = { family: 4, value: BigInt(rule[`${side}_addr`] ?? 0), length } as const;
    if (length > 0) match[`ipv4_${side}`] = formatPrefix(withoutHostBits(prefix));
    const [low, high] = [rule[`${side}_port_low`] ?? 0, rule[`${side}_port_high`] ?? 65535];
    if (low > 0 || high < 65535) match[`tcp_${side}`] = low === high ? low : `${low}-${high}`;
  }
  const masked = (name: 'vlan' | 'domain' | 'proto', field: 'eth_dst' | 'eth_src' | 'ip_ttl'): void => {
    const mask = BigInt(rule[`${name}_mask`] ?? 0);
    if (mask > 0n) match[field] = valueText(field, BigInt(rule[name] ?? 0) & mask, mask);
  };
  masked('vlan', 'eth_dst');
  masked('domain', 'eth_src');
  masked('proto', 'ip_ttl');
  return { table, priority: rule.priority, match: match, actions: actionsOf(table), cookie: rule.userdata };
}

const aclHeader = (packet: AclPacket): Parameters<typeof frameOf>[0] => ({
  family: 4,
  src: BigInt(packet.ip_src ?? 0),
  dst: BigInt(packet.ip_dst ?? 0),
  proto: 6,
  srcPort: packet.port_src ?? 0,
  dstPort: packet.port_dst ?? 0,
  ttl: packet.proto ?? 0,
  ethDst: BigInt(packet.vlan ?? 0),
  ethSrc: BigInt(packet.domain ?? 0),
});
