const block = /NIC statistics for port \d+[^]*?TX-packets: (\d+)[^]*?Tx-bps:/g;

/** How many complete answers to `show port stats` are in testpmd's output. */
export const countStatistics = (output: string): number => [...output.matchAll(block)].length;

/** Packets sent, by the last complete answer to `show port stats`. */
export function parsePortTxPackets(output: string): bigint {
  const packets = [...output.matchAll(block)].at(-1)?.[1];
  if (packets === undefined) throw new Error('testpmd printed no port statistics');
  return BigInt(packets);
}
