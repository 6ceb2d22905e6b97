import type { FlowText } from '../src/model/flow.js';
import type { GroupText } from '../src/model/group.js';
import type { BandMeterText } from '../src/model/meter.js';
import type { Scope } from './support/scope.js';

/** What a switch is told to do, in this project's words; ports by name. */
export interface RuleSet {
  readonly flows: readonly FlowText[];
  readonly groups?: readonly GroupText[];
  readonly meters?: readonly BandMeterText[];
  readonly conntrack?: ConntrackSettings;
}

/** Where rules track connections. */
export interface ConntrackSettings {
  /** Connections that there may be. */
  readonly entries: number;
  /** Without a packet, whatever the connection's state; each subject's own where left out. */
  readonly timeoutMs?: number;
}

/**
 * A port of every subject: with a capture it is a source, whose frames are received for ever, by a queue for each worker; whatever it is
 * sent it counts and frees.
 */
export interface WorkPort {
  readonly name: string;
  readonly capture?: string;
  /** Socket of memory that it shares with another process, which sends and receives. */
  readonly memif?: string;
}

/** What every subject of a scenario forwards: the same frames, by the same rules. */
export interface Workload {
  /** For files of this run. */
  readonly directory: string;
  readonly ports: readonly WorkPort[];
  /** Ports whose sent packets are the measure. */
  readonly counted: readonly string[];
  readonly rules: RuleSet;
  /** Frames of all captures: net_pcap holds them all in buffers. */
  readonly frames: number;
  /** Cores of the polling threads; everything else runs on `housekeepingCore`. */
  readonly workerCores: readonly number[];
  readonly housekeepingCore: number;
  /** DPDK memory of each subject. */
  readonly memoryMib: number;
}

/** Where the frames go to: nowhere (to measure), or into a capture file for each port (to prove the rules). */
export type Wiring = { readonly kind: 'measure' } | { readonly kind: 'prove'; readonly sinkFile: (port: string) => string };

/** A started switch that forwards at this moment. */
export interface RunningSubject {
  readonly pid: number;
  /** Milliseconds that its rules took to be in force; 0 where it has none. */
  readonly installMs: number;
  /** Packets which the counted ports sent since their start. */
  sentPackets(): Promise<bigint>;
  /** TSC frequency, where the subject reports it. */
  tscHz(): Promise<bigint | undefined>;
  /** Returns when what it learns from traffic has been learnt; says so where that did not end. */
  settle(): Promise<string | undefined>;
}

/** One that can be asked about connections. */
export interface TrackingRunning extends RunningSubject {
  /** How many there are now. */
  connections(): Promise<number>;
  /** Adds a port that receives the frames of a capture, each once; returns when it has received all of them. */
  receiveOnce(name: string, capture: string, frames: number): Promise<void>;
}

export interface TrackingSubject extends Subject {
  start(workload: Workload, wiring: Wiring, scope: Scope): Promise<TrackingRunning>;
}

export interface Subject {
  /** `ours`, or the peer's name in results. */
  readonly name: string;
  /** False where it does not go by rules (a floor that forwards without looking). */
  readonly hasRules: boolean;
  /** Installs what is missing or throws an Error which says how. */
  prepare(): Promise<void>;
  /** Starts a fresh process; `scope` ends it and removes what it made. */
  start(workload: Workload, wiring: Wiring, scope: Scope): Promise<RunningSubject>;
}
