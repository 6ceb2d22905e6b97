import { readdirSync } from 'node:fs';
import { dropReasons } from '../../src/model/drop.js';
import { VswitchError } from '../../src/model/errors.js';
import type { FlowText } from '../../src/model/flow.js';
import { readPcap } from '../../src/replay/pcap.js';
import { dataPath } from './data.js';
import type { JudgedSwitch, SentPacket } from './switch.js';
import { Tally } from './tally.js';

/** Flows that need every header: a broken one anywhere is met. */
const nosy: readonly FlowText[] = [
  { match: { eth_type: 0x0806, arp_op: 1, arp_tpa: '10.0.0.1' }, actions: [{ type: 'output', port: 'in_port' }] },
  {
    match: { eth_type: 0x0800, ip_proto: 6, tcp_dst: '1-1023', tcp_flags: '0x2/0x2' },
    actions: [{ type: 'output', port: 'p2' }],
  },
  {
    match: { eth_type: 0x86dd, ip_proto: 58, icmpv6_type: 135, ipv6_nd_target: 'fe80::1', ipv6_nd_sll: '02:00:00:00:00:01' },
    actions: [{ type: 'output', port: 'p3' }],
  },
  { match: { eth_type: 0x86dd, ipv6_exthdr: '0x40/0x40' }, actions: [{ type: 'dec_ttl' }, { type: 'output', port: 'p3' }] },
  {
    priority: 1,
    match: { eth_type: 0x0800 },
    actions: [{ type: 'set_field', field: 'ipv4_src', value: '192.0.2.1' }, { type: 'dec_ttl' }, { type: 'output', port: 'p2' }],
  },
  { priority: 0, match: { vlan_vid: '0x1000/0x1000' }, actions: [{ type: 'pop_vlan' }, { type: 'output', port: 'p4' }] },
];

/** Captures that broke tcpdump: each packet goes out, or is dropped under a name. */
export async function judgeMalformed(judged: JudgedSwitch): Promise<Tally> {
  const tally = new Tally();
  for (const file of readdirSync(dataPath('malformed-pcaps')).filter((name) => /\.pcap(ng)?$/.test(name))) {
    const packets = await packetsOf(file, tally);
    const answers = await judged.run(nosy, packets);
    packets.forEach(({ packet }, i) => {
      const { out, drop } = answers[i]!;
      const named = drop !== null && dropReasons.includes(drop);
      tally.check(
        out.length > 0 ? drop === null : named,
        () => `${file}, packet ${i}: neither sent nor dropped by name: ${packet}`,
      );
    });
  }
  return tally;
}

async function packetsOf(file: string, tally: Tally): Promise<SentPacket[]> {
  const packets: SentPacket[] = [];
  try {
    for await (const { bytes } of readPcap(dataPath('malformed-pcaps', file)))
      packets.push({ in_port: 1, packet: Buffer.from(bytes).toString('hex') });
  } catch (error) {
    // What was read up to the fault is judged all the same.
    if (!(error instanceof VswitchError)) throw error;
    tally.skip(error.faults[0]?.message.replace(/\d+/g, 'N') ?? error.message);
  }
  return packets;
}
