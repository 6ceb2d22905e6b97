/** Packets sent by the one port in an answer of `ovs-ofctl dump-ports BRIDGE PORT`. */
export function parseTxPackets(text: string): bigint {
  const packets = /\btx pkts=(\d+)/.exec(text)?.[1];
  if (packets === undefined) throw new Error(`no transmit counter in what ovs-ofctl printed: ${text}`);
  return BigInt(packets);
}

/** The TSC frequency in Open vSwitch's log; undefined where it has not said it. */
export function parseTscHz(log: string): bigint | undefined {
  const khz = /TSC frequency: (\d+) KHz/i.exec(log)?.[1];
  return khz === undefined ? undefined : BigInt(khz) * 1000n;
}
