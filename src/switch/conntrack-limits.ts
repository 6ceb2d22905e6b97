import { defaultCtEntries, type CtLimitsConfig, type VswitchConfig } from '../config/schema.js';

/** Of the connections of a tenant; 0: no limit. */
export interface CtLimits {
  readonly entries: number;
  readonly halfOpen: number;
  readonly newPerSecond: number;
  readonly zones: readonly CtZoneLimit[];
}

export interface CtZoneLimit {
  readonly zone: number;
  readonly entries: number;
  readonly newPerSecond: number;
}

/**
 * By slot: 0 is nobody's, the tenants follow in their order. Entries are kept for who has them: those of a tenant for which the config
 * says none, and of nobody, are equal shares of what the others leave.
 */
export function conntrackLimits({ conntrack, tenants = {} }: Pick<VswitchConfig, 'conntrack' | 'tenants'>): CtLimits[] {
  const limits = [{}, ...Object.values(tenants).map((tenant) => tenant.limits?.conntrack ?? {})];
  const given = limits.flatMap(({ entries }: CtLimitsConfig) => entries ?? []);
  const left = given.reduce((rest, entries) => rest - entries, conntrack?.entries ?? defaultCtEntries);
  const share = Math.max(1, Math.floor(left / (limits.length - given.length)));
  return limits.map((limit) => limitsOf(limit, share));
}

const limitsOf = ({ entries, halfOpen, newPerSecond = 0, zones = {} }: CtLimitsConfig, share: number): CtLimits => ({
  entries: entries ?? share,
  // Who never gets an answer leaves half of them to the others.
  halfOpen: halfOpen ?? Math.max(1, Math.floor((entries ?? share) / 2)),
  newPerSecond,
  zones: Object.entries(zones).map(([zone, limit]) => ({
    zone: Number(zone),
    entries: limit.entries ?? 0,
    newPerSecond: limit.newPerSecond ?? 0,
  })),
});
