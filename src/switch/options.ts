import type { VswitchConfig } from '../config/schema.js';
import type { SwitchOptions } from './switch.js';

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
export function switchOptions({ name, workers, memory = {}, limits = {}, ports }: VswitchConfig): SwitchOptions {
  const idle = workers.idle ?? { mode: 'adaptive' };
  const frameBytes = Object.values(ports).map(({ mtu = 1500 }) => mtu + frameOverheadBytes);
  return {
    name,
    cores: workers.cores,
    maxSleepUs: idle.mode === 'poll' ? 0 : (idle.maxSleepUs ?? 1000),
    hugepages: memory.hugepages ?? 'auto',
    mib: memory.mib ?? 96,
    mbufs: memory.mbufs ?? 16_383,
    mbufDataBytes: Math.max(smallestDataBytes, roundUp(Math.max(0, ...frameBytes) + headroomBytes, cacheLineBytes)),
    maxRules: limits.rules ?? 65_536,
    maxGroups,
    maxMeters,
    masksPerTable: limits.masksPerTable ?? 32,
    tableMib: limits.tableMib ?? 256,
  };
}

/** How many rules, groups and meters the flow table may install. */
export function installLimits(config: VswitchConfig): { rules: number; groups: number; meters: number } {
  const { maxRules, maxGroups: groups, maxMeters: meters } = switchOptions(config);
  return { rules: maxRules, groups, meters };
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;
