import { defaultCycleWeight, maxTenants, type VswitchConfig } from '../config/schema.js';

/** Thousandths of a core, as the data plane counts shares of it (native/meter/budget.h). */
const perPercent = 10;

/** Three for each slot: weight, guarantee and cap. Packets of no tenant have slot 0 and what a tenant has that says nothing. */
export function cycleShares({ tenants = {} }: Pick<VswitchConfig, 'tenants'>): Uint32Array {
  const shares = new Uint32Array(3 * (maxTenants + 1));
  [{}, ...Object.values(tenants).map(({ limits }) => limits?.cycles ?? {})].forEach(
    ({ weight = defaultCycleWeight, guaranteedPercent = 0, capPercent = 0 }, slot) =>
      shares.set([weight, guaranteedPercent * perPercent, capPercent * perPercent], 3 * slot),
  );
  return shares;
}

/** Percent of a core that is guaranteed to each tenant on all workers together, by slot. */
export const reservedPercent = ({ workers, tenants = {} }: Pick<VswitchConfig, 'tenants' | 'workers'>): Map<number, number> =>
  new Map(
    Object.values(tenants).map(({ limits }, i) => [i + 1, (limits?.cycles?.guaranteedPercent ?? 0) * workers.cores.length]),
  );
