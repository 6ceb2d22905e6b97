import type { Wiring, WorkPort } from '../subject.js';

/**
 * The DPDK virtual device of a port. `infinite_rx` makes the driver copy each frame of the capture into a fresh buffer, for ever; such
 * a device frees what it is sent, as net_null does.
 * @param number different for each port of a process.
 */
export function vdev({ name, capture, memif }: WorkPort, number: number, wiring: Wiring, queues = 1): string {
  if (memif !== undefined) return `net_memif${number},role=server,socket=${memif},socket-abstract=no`;
  if (wiring.kind === 'measure' && capture === undefined) return `net_null${number},no-rx=1`;
  const receive = capture === undefined ? [] : [...Array<string>(queues).fill(`rx_pcap=${capture}`), 'infinite_rx=1'];
  const send = wiring.kind === 'measure' ? [] : [`tx_pcap=${wiring.sinkFile(name)}`];
  return [`net_pcap${number}`, ...receive, ...send].join(',');
}
