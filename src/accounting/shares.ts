import { guaranteeFaults, shareFaults } from '../config/cycle-faults.js';
import { defaultCycleWeight, type CycleShareConfig, type VswitchConfig } from '../config/schema.js';
import { jsonPointer, VswitchError } from '../model/errors.js';
import { packShares } from '../switch/cycle-shares.js';
import type { DataPlane, TenantSlot } from '../switch/types.js';
import { OverTime } from './over-time.js';

/** What a tenant may have of each worker's core. */
export interface TenantShare {
  readonly tenant: string;
  readonly weight: number;
  readonly guaranteedPercent: number;
  /** Null: none. */
  readonly capPercent: number | null;
}

/** What is left out stays; null is the default. */
export type ShareChange = { readonly [K in keyof CycleShareConfig]?: CycleShareConfig[K] | null };

/** How tenants share the workers: as the config says, until somebody changes it. */
export class Shares {
  readonly #dataPlane: Pick<DataPlane, 'setShares'>;
  readonly #workers: number;
  readonly #now: () => number;
  /** In the order of the slots, from 1 on. */
  #shares: ReadonlyMap<string, CycleShareConfig>;
  readonly #reserved: OverTime;

  /** @param now milliseconds of a clock that never goes back. */
  constructor({ tenants = {}, workers }: VswitchConfig, dataPlane: Pick<DataPlane, 'setShares'>, now: () => number) {
    this.#dataPlane = dataPlane;
    this.#workers = workers.cores.length;
    this.#now = now;
    this.#shares = new Map(Object.entries(tenants).map(([name, { limits }]) => [name, limits?.cycles ?? {}]));
    this.#reserved = new OverTime(now());
  }

  list(): TenantShare[] {
    return [...this.#shares].map(([tenant, { weight = defaultCycleWeight, guaranteedPercent = 0, capPercent = null }]) => ({
      tenant,
      weight,
      guaranteedPercent,
      capPercent,
    }));
  }

  /**
   * Changes shares of tenants by name, all or none; workers work by them within an epoch of a tenth of a millisecond.
   * @throws VswitchError TENANT_NOT_FOUND, REQUEST_INVALID, LIMIT_EXCEEDED with pointers into `changes`.
   */
  async change(changes: Readonly<Record<string, ShareChange>>): Promise<TenantShare[]> {
    const asked = new Map(Object.entries(changes));
    const unknown = [...asked.keys()].find((name) => !this.#shares.has(name));
    if (unknown !== undefined) throw noTenant(unknown, [...this.#shares.keys()]);
    const next = new Map([...this.#shares].map(([name, share]) => [name, changed(share, asked.get(name) ?? {})]));
    refuse([...next], (name) => asked.has(name));
    this.#look();
    this.#shares = next;
    await this.#dataPlane.setShares(packShares([...next.values()]));
    return this.list();
  }

  /** Reserved for a slot since the start, on all workers together, used or not. */
  reservedCoreSeconds(slot: TenantSlot): bigint {
    this.#look();
    return this.#reserved.of(slot) / 100n;
  }

  #look(): void {
    const percent = [...this.#shares.values()].map(({ guaranteedPercent = 0 }) => guaranteedPercent * this.#workers);
    this.#reserved.look(this.#now(), new Map(percent.map((of, i) => [i + 1, of])));
  }
}

function changed(share: CycleShareConfig, change: ShareChange): CycleShareConfig {
  const merged = Object.entries({ ...share, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged);
}

/** A tenant that the change names is told of, where others together with it are too much. */
function refuse(next: readonly (readonly [string, CycleShareConfig])[], isNamed: (tenant: string) => boolean): void {
  const ordered = [...next.filter(([name]) => !isNamed(name)), ...next.filter(([name]) => isNamed(name))];
  const parts = ordered.map(([name, value]) => ({ name, pointer: jsonPointer(name), value }));
  const faults = shareFaults(parts);
  if (faults.length > 0) throw new VswitchError('REQUEST_INVALID', 'the shares have faults', faults);
  const [exceeded] = guaranteeFaults(parts);
  if (exceeded) throw new VswitchError('LIMIT_EXCEEDED', exceeded.message, [exceeded]);
}

function noTenant(name: string, names: readonly string[]): VswitchError {
  const message = `no tenant is called ${name}`;
  const remedy = names.length === 0 ? 'the config has no tenants' : `there is ${names.join(', ')}`;
  return new VswitchError('TENANT_NOT_FOUND', message, [{ pointer: jsonPointer(name), value: name, message, remedy }]);
}
