import type { Action, ActionText } from './action.js';
import type { FlowId, Owner } from './ids.js';
import type { Match, MatchText } from './match.js';

/** A flow as people and the API write it. */
export interface FlowText {
  readonly table?: number;
  readonly priority?: number;
  readonly match?: MatchText;
  readonly actions: readonly ActionText[];
  readonly cookie?: number | string;
}

/** A flow in canonical form. Table, priority and match are its identity within its owner and band (OpenFlow 1.3, section 6.4). */
export interface Flow {
  readonly table: number;
  readonly priority: number;
  readonly match: Match;
  readonly actions: readonly Action[];
  /** 64 bits, chosen by who installs the flow; the switch only keeps it. */
  readonly cookie: bigint;
}

export const defaultPriority = 32768;
export const maxPriority = 65535;

/**
 * Bands, from weakest to strongest. A flow's rank is `band << 16 | priority`, so that within a table any flow of a higher band wins.
 * Derived flows follow from the config (gateways, routes); tenants override them, the operator overrides both, and guards
 * (refusals between tenants) can only be changed by the operator's policy and flows.
 */
export const bands = { derived: 0, tenant: 1, guard: 2, operator: 3 } as const;
export type Band = keyof typeof bands;

export const rankOf = (band: Band, priority: number): number => bands[band] * 65536 + priority;

export interface InstalledFlow extends Flow {
  readonly id: FlowId;
  readonly owner: Owner;
  readonly band: Band;
}

/** Monotonic since the flow was installed. */
export interface FlowCounters {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** One step of a transaction (OpenFlow 1.3 section 6.4: add replaces an identical flow, modify keeps its counters). */
export type FlowOperation =
  | { readonly op: 'add'; readonly flow: FlowText }
  /** Changes the actions of the flows with this table, priority and match (strict modify). */
  | { readonly op: 'modify'; readonly flow: FlowText }
  /** Deletes the flow with this table, priority and match (strict delete). */
  | { readonly op: 'delete'; readonly flow: Omit<FlowText, 'actions'> };
