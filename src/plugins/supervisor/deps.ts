import type { SwitchEvent } from '../../model/event.js';
import type { TenantName } from '../../model/ids.js';
import type { PluginTopology } from '../sdk/topology.js';
import type { HostBudgets } from './budgets.js';
import type { RuleFlows } from './rule-desk.js';
import type { StateFolder } from './state-folder.js';

/** Since the switch started. */
export interface PuntTotals {
  readonly punted: bigint;
  readonly puntedBytes: bigint;
  readonly resumed: bigint;
  readonly output: bigint;
  readonly refused: bigint;
}

/** The way of packets to a host, as the switch gives it. */
export interface PuntWay {
  readonly fd: number;
  /** The host has its own copy of the descriptor: this one is to be closed. */
  handedOver(): void;
  counters(): PuntTotals;
  close(): Promise<void>;
}

export interface TenantDeps {
  readonly tenant: TenantName;
  readonly budgets: HostBudgets;
  readonly flows: RuleFlows;
  readonly state: StateFolder;
  command(): readonly [command: string, args: readonly string[]];
  openPunt(): Promise<PuntWay>;
  topology(): PluginTopology;
  publish(event: SwitchEvent): void;
  log(level: 'info' | 'warn' | 'error', plugin: string | undefined, message: string): void;
}
