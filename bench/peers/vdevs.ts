import type { Wiring, Workload } from '../subject.js';

/** DPDK virtual devices of a wiring: where frames come from and where they go. */
export interface Vdevs {
  readonly source: string;
  readonly sink: string;
}

/** `infinite_rx` makes the driver copy each frame of the capture into a fresh buffer, for ever. */
export const vdevs = (workload: Workload, wiring: Wiring): Vdevs => ({
  source: `net_pcap0,rx_pcap=${workload.capture},infinite_rx=1`,
  sink: wiring.kind === 'measure' ? 'net_null0,no-rx=1' : `net_pcap1,tx_pcap=${wiring.sinkFile}`,
});
