import type { Scope } from './support/scope.js';

/** What every subject of a scenario forwards: the same frames, by the same rule. */
export interface Workload {
  /** For files of this run. */
  readonly directory: string;
  /** Capture file whose frames are received for ever (DPDK net_pcap, `infinite_rx`). */
  readonly capture: string;
  /** Different destination addresses in the capture. */
  readonly flows: number;
  readonly rule: ForwardRule;
  /** Core of the polling thread; everything else runs on `housekeepingCore`. */
  readonly workerCore: number;
  readonly housekeepingCore: number;
  /** DPDK memory of each subject. */
  readonly memoryMib: number;
}

/** `in_port, ipv4_dst -> set eth_src, set eth_dst, output`. */
export interface ForwardRule {
  readonly ipv4Dst: string;
  readonly ethSrc: string;
  readonly ethDst: string;
}

/** Where the frames go to: nowhere (to measure), or into a capture file (to prove the rewrite). */
export type Wiring = { readonly kind: 'measure' } | { readonly kind: 'prove'; readonly sinkFile: string };

/** A started switch that forwards at this moment. */
export interface RunningSubject {
  readonly pid: number;
  /** Packets which the sink port sent since its start. */
  sentPackets(): Promise<bigint>;
  /** TSC frequency, where the subject reports it. */
  tscHz(): Promise<bigint | undefined>;
}

export interface Subject {
  /** `ours`, or the peer's name in results. */
  readonly name: string;
  /** False where its rule is not this workload's (a floor that forwards without looking). */
  readonly rewritesByRule: boolean;
  /** Installs what is missing or throws an Error which says how. */
  prepare(): Promise<void>;
  /** Starts a fresh process; `scope` ends it and removes what it made. */
  start(workload: Workload, wiring: Wiring, scope: Scope): Promise<RunningSubject>;
}
