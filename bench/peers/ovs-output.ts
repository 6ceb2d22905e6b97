/** Packets sent by the ports in an answer of `ovs-ofctl dump-ports BRIDGE [PORT]`, by port number. */
export const parseTxPackets = (text: string): Map<number, bigint> => parsePackets(text, 'sent');
/** Packets that they received. */
export const parseRxPackets = (text: string): Map<number, bigint> => parsePackets(text, 'received');

function parsePackets(text: string, which: 'sent' | 'received'): Map<number, bigint> {
  const packets = new Map<number, bigint>();
  for (const [, port, received, sent] of text.matchAll(/\bport\s+(\d+): rx pkts=(\d+)[^]*?\btx pkts=(\d+)/g))
    packets.set(Number(port), BigInt((which === 'sent' ? sent : received) ?? 0));
  if (packets.size === 0) throw new Error(`no counter of packets in what ovs-ofctl printed: ${text}`);
  return packets;
}

/** The TSC frequency in Open vSwitch's log; undefined where it has not said it. */
export function parseTscHz(log: string): bigint | undefined {
  const khz = /TSC frequency: (\d+) KHz/i.exec(log)?.[1];
  return khz === undefined ? undefined : BigInt(khz) * 1000n;
}

/** What the polling threads have received, and how many packets went to the slow path, in `dpif-netdev/pmd-stats-show`. */
export function parsePmdStats(text: string): { readonly received: number; readonly missed: number } {
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`${name}:\\s*(\\d+)`, 'g'))].reduce((total, [, count]) => total + Number(count), 0);
  return { received: sum('packets received'), missed: sum('miss with success upcall') + sum('miss with failed upcall') };
}
