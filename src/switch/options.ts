import { defaultCtEntries, maxTenants, type VswitchConfig } from '../config/schema.js';
import { ctTimeoutDefaults, ctTimeouts } from '../model/conntrack.js';
import { conntrackLimits } from './conntrack-limits.js';
import { cycleShares } from './cycle-shares.js';
import type { NativeConntrackOptions } from './native.js';
import type { SwitchOptions } from './switch.js';

/** For packets in MiB, where the config does not say. */
export const defaultMemoryMib = 64;

/** RTE_PKTMBUF_HEADROOM. */
const headroomBytes = 128;
/** RTE_MBUF_DEFAULT_BUF_SIZE: what drivers expect at the least. */
const smallestDataBytes = 2048 + headroomBytes;
/** Ethernet header, one VLAN tag, FCS. */
const frameOverheadBytes = 14 + 4 + 4;
const cacheLineBytes = 64;

/** Groups and meters of all owners. */
export const maxGroups = 16_384;
export const maxMeters = 65_536;

/** How to start the data plane for a config, with the schema's defaults filled in. */
export function switchOptions(config: VswitchConfig): SwitchOptions {
  const { name, workers, memory = {}, limits = {}, ports } = config;
  const idle = workers.idle ?? { mode: 'adaptive' };
  const frameBytes = Object.values(ports).map(({ mtu = 1500 }) => mtu + frameOverheadBytes);
  return {
    name,
    cores: workers.cores,
    maxSleepUs: idle.mode === 'poll' ? 0 : (idle.maxSleepUs ?? 10_000),
    hugepages: memory.hugepages ?? 'auto',
    mib: memory.mib ?? defaultMemoryMib,
    mbufs: memory.mbufs ?? 16_383,
    mbufDataBytes: Math.max(smallestDataBytes, roundUp(Math.max(0, ...frameBytes) + headroomBytes, cacheLineBytes)),
    maxRules: limits.rules ?? 65_536,
    maxGroups,
    maxMeters,
    masksPerTable: limits.masksPerTable ?? 32,
    tableMib: limits.tableMib ?? 256,
    conntrack: conntrackOptions(config),
    cycleShares: cycleShares(config),
  };
}

/** How the data plane tracks connections; zones have their limits from zoneLimits. */
export function conntrackOptions(config: Pick<VswitchConfig, 'conntrack' | 'tenants'>): NativeConntrackOptions {
  const { entries = defaultCtEntries, tcp = {}, fragments, timeouts = {} } = config.conntrack ?? {};
  const limits = new Uint32Array(3 * (maxTenants + 1));
  conntrackLimits(config).forEach(({ entries: most, halfOpen, newPerSecond }, slot) =>
    limits.set([most, halfOpen, newPerSecond], 3 * slot),
  );
  return {
    entries,
    loose: tcp.loose ?? true,
    checkWindow: tcp.checkWindow ?? false,
    followFragments: fragments === 'follow',
    timeoutsMs: Uint32Array.from(ctTimeouts, (name) => timeouts[name] ?? ctTimeoutDefaults[name]),
    limits,
  };
}

/** How many rules, groups and meters the flow table may install. */
export function installLimits(config: VswitchConfig): { rules: number; groups: number; meters: number } {
  const { maxRules, maxGroups: groups, maxMeters: meters } = switchOptions(config);
  return { rules: maxRules, groups, meters };
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;
