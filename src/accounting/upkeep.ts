import type { Owner } from '../model/ids.js';
import type { UpkeepCounters } from '../model/usage.js';
import type { DataPlane, TenantSlot } from '../switch/types.js';
import { OverTime } from './over-time.js';

export interface UpkeepDeps {
  readonly dataPlane: DataPlane;
  /** Without slot 0. */
  readonly tenants: readonly { readonly slot: TenantSlot; readonly name: string }[];
  readonly shares: { reservedCoreSeconds(slot: TenantSlot): bigint };
  /** CPU time of the tenant's plugins since the start, in milliseconds. */
  pluginCpuMs(slot: TenantSlot): number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** Keeps what tenants use beside the workers' cycles: the memory of tables and connections, reserved time, work for their rules, and their plugins. */
export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #memory: OverTime;
  readonly #slots: ReadonlyMap<string, TenantSlot>;
  readonly #plans = new Map<TenantSlot, { transactions: bigint; ms: number }>();

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    this.#memory = new OverTime(deps.now());
    this.#slots = new Map(deps.tenants.map(({ slot, name }) => [name, slot]));
  }

  /** Looks at the memory. The oftener, the closer is what is counted of it. */
  async look(): Promise<void> {
    const bytes = await this.#bytesBySlot();
    this.#memory.look(this.#deps.now(), bytes);
  }

  /** Somebody's rules were planned. The operator's are on nobody's bill. */
  planned(owner: Owner, transactions: number, ms: number): void {
    const slot = owner.kind === 'tenant' ? this.#slots.get(owner.tenant) : undefined;
    if (slot === undefined) return;
    const before = this.#plans.get(slot) ?? { transactions: 0n, ms: 0 };
    this.#plans.set(slot, { transactions: before.transactions + BigInt(transactions), ms: before.ms + ms });
  }

  /** Since the start; the memory's as of the last look. */
  of(slot: TenantSlot): UpkeepCounters {
    const { transactions, ms } = this.#plans.get(slot) ?? { transactions: 0n, ms: 0 };
    return {
      memoryByteSeconds: this.#memory.of(slot),
      reservedCoreSeconds: this.#deps.shares.reservedCoreSeconds(slot),
      transactions,
      transactionMicros: BigInt(Math.floor(ms * 1000)),
      pluginCycles: (BigInt(Math.floor(this.#deps.pluginCpuMs(slot) * 1000)) * this.#deps.dataPlane.tscHz) / 1_000_000n,
    };
  }

  async #bytesBySlot(): Promise<Map<TenantSlot, number>> {
    const { dataPlane } = this.#deps;
    const { conntrack } = dataPlane;
    const [tables, { memoryBytes, capacity }] = await Promise.all([dataPlane.tableReports(), conntrack.usage()]);
    const bytes = new Map<TenantSlot, number>();
    const add = (slot: TenantSlot, more: number): void => void bytes.set(slot, (bytes.get(slot) ?? 0) + more);
    for (const table of tables) add(table.slot, table.memoryBytes);
    if (capacity > 0)
      for (const [slot, { entries }] of conntrack.counters().entries()) add(slot, (Number(entries) * memoryBytes) / capacity);
    return bytes;
  }
}
