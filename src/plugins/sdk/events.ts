import type { PluginTopology } from './topology.js';

/** What a plugin hears, each of its own tenant or of an uplink. */
export type PluginEvent =
  | { readonly type: 'port_added' | 'port_removed'; readonly port: string }
  | { readonly type: 'port_link'; readonly port: string; readonly up: boolean; readonly speedMbps: number }
  /** Ports came or went; `ctx.topology` is the new one already. */
  | { readonly type: 'topology_changed'; readonly topology: PluginTopology }
  /** A limit of the tenant is reached, or nearly: packets were dropped for it, or nine of ten flows are there. */
  | { readonly type: 'limit'; readonly limit: LimitName; readonly count: number };

/** `flows`: `count` flows are there; of the others, `count` packets were refused since the last one. */
export type LimitName = 'flows' | 'conntrack' | 'nat';

export type PluginEventType = PluginEvent['type'];
