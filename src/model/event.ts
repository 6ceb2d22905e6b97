import type { FlowText, RemovalReason } from './flow.js';
import type { FlowId, Generation, Owner, PortName } from './ids.js';
import type { PluginState } from './plugin.js';
import type { PortLink } from './port.js';
import type { LedgerFault } from './usage-record.js';

/** What the switch tells those who listen. `lost` says how many events a slow listener missed. */
export type SwitchEvent =
  | { readonly type: 'flows'; readonly generation: Generation }
  | FlowRemoved
  | { readonly type: 'port_added'; readonly port: PortName }
  | { readonly type: 'port_removed'; readonly port: PortName }
  | { readonly type: 'port_link'; readonly port: PortName; readonly link: PortLink }
  | {
      readonly type: 'conntrack_cap';
      /** Null: of packets that belong to no tenant. */
      readonly tenant: string | null;
      readonly cap: 'table' | 'tenant' | 'zone' | 'rate' | 'half_open';
      /** Packets that were dropped or, of half-open ones, connections that made room since the last one. */
      readonly count: bigint;
    }
  | { readonly type: 'nat_exhausted'; readonly tenant: string | null; readonly count: bigint }
  | { readonly type: 'ledger_fault'; readonly fault: LedgerFault; readonly message: string }
  /** Records are written again, with all that was used meanwhile. */
  | { readonly type: 'ledger_recovered'; readonly fault: LedgerFault }
  /** The wall clock does not agree with the time that passed; back where negative. */
  | { readonly type: 'clock_jumped'; readonly byMs: number }
  /** A plugin runs, or does not, and why. */
  | {
      readonly type: 'plugin_state';
      readonly tenant: string;
      readonly plugin: string;
      readonly state: PluginState;
      readonly reason: string | null;
    }
  /** What a plugin tells by itself. */
  | {
      readonly type: 'plugin_event';
      readonly tenant: string;
      readonly plugin: string;
      readonly event: string;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'lost'; readonly count: number };

/** A flow that the operator or a tenant wrote is gone, with what it had done. */
export interface FlowRemoved {
  readonly type: 'flow_removed';
  readonly reason: RemovalReason;
  readonly id: FlowId;
  readonly owner: Owner;
  readonly table: number;
  readonly priority: number;
  readonly match: NonNullable<FlowText['match']>;
  readonly cookie: bigint;
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly durationMs: number;
}
