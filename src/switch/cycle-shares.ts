import { defaultCycleWeight, maxTenants, type CycleShareConfig, type VswitchConfig } from '../config/schema.js';

/** Thousandths of a core, as the data plane counts shares of it (native/meter/shares.h). */
const perPercent = 10;

/** Three for each slot: weight, guarantee and cap. Packets of no tenant have slot 0 and what a tenant has that says nothing. */
export function packShares(tenants: readonly CycleShareConfig[]): Uint32Array {
  const shares = new Uint32Array(3 * (maxTenants + 1));
  [{}, ...tenants].forEach(({ weight = defaultCycleWeight, guaranteedPercent = 0, capPercent = 0 }, slot) =>
    shares.set([weight, guaranteedPercent * perPercent, capPercent * perPercent], 3 * slot),
  );
  return shares;
}

/** A config's. */
export const cycleShares = ({ tenants = {} }: Pick<VswitchConfig, 'tenants'>): Uint32Array =>
  packShares(Object.values(tenants).map(({ limits }) => limits?.cycles ?? {}));
