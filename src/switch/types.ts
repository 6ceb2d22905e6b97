import type { Generation, PortName, PortNumber } from '../model/ids.js';
import type { Action } from '../model/action.js';
import type { Match } from '../model/match.js';
import type { PortDeviceCounters, PortInfo, PortLink, PortRole } from '../model/port.js';
import type { CounterSnapshot } from '../model/usage.js';
import type { PortConfig } from '../config/schema.js';

/** A tenant's slot in the data plane; 0 is the uplink: packets that belong to no tenant. */
export type TenantSlot = number;

/** A rule as the data plane holds it: one table set a tenant slot. */
export interface Rule {
  /** Below the switch's `limits.rules`; also indexes the rule's counters. */
  readonly id: number;
  readonly slot: TenantSlot;
  readonly table: number;
  /** Higher wins; see rankOf in model/flow.ts. */
  readonly rank: number;
  readonly match: Match;
  readonly actions: readonly Action[];
}

/** Maps packets that come from an uplink to a tenant's slot. */
export interface SteeringRule {
  readonly id: number;
  readonly rank: number;
  readonly match: Match;
  readonly slot: TenantSlot;
}

/** One atomic change: no packet sees half of it. Removals are done first; a rule id may be removed and added in one transaction. */
export interface RuleTransaction {
  readonly remove: readonly { readonly id: number; readonly slot: TenantSlot | 'steering' }[];
  readonly add: readonly Rule[];
  readonly steer: readonly SteeringRule[];
}

export interface RuleCounters {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/**
 * The data plane, as the floors above see it: validated input, typed errors. Every method rejects with CLOSED after close().
 */
export interface DataPlane {
  openPort(number: PortNumber, name: PortName, role: PortRole, slot: TenantSlot, config: PortConfig): Promise<PortInfo>;
  closePort(number: PortNumber): Promise<void>;
  portState(number: PortNumber): Promise<{ readonly link: PortLink; readonly device: PortDeviceCounters }>;
  /** Resolves when every worker works by the new rules. */
  apply(transaction: RuleTransaction): Promise<Generation>;
  snapshot(): CounterSnapshot;
  ruleCounters(ids: readonly number[]): RuleCounters[];
  readonly tscHz: bigint;
  readonly dpdkVersion: string;
  readonly hugepages: boolean;
  close(): Promise<void>;
}
