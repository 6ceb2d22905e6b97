/** Packets sent by the ports in an answer of `ovs-ofctl dump-ports BRIDGE [PORT]`, by port number. */
export function parseTxPackets(text: string): Map<number, bigint> {
  const sent = new Map<number, bigint>();
  for (const [, port, packets] of text.matchAll(/\bport\s+(\d+): rx pkts=[^]*?\btx pkts=(\d+)/g))
    sent.set(Number(port), BigInt(packets ?? 0));
  if (sent.size === 0) throw new Error(`no transmit counter in what ovs-ofctl printed: ${text}`);
  return sent;
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
