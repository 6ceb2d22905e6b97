import type { DataPlane, TenantSlot } from '../switch/types.js';
import { ByteSeconds } from './byte-seconds.js';
import { readingOf, type Reading } from './reading.js';

/**
 * Reads what the ledger keeps from the data plane: its counters, the memory that each tenant's tables and connections take, and what is
 * reserved for it, used or not.
 */
export class UsageReader {
  readonly #dataPlane: DataPlane;
  readonly #tenants: readonly { readonly slot: TenantSlot; readonly name: string }[];
  readonly #reservedPercent: ReadonlyMap<TenantSlot, number>;
  readonly #startMs = performance.now();
  readonly #memory = new ByteSeconds(this.#startMs);

  /**
   * @param tenants without slot 0.
   * @param reservedPercent of a core, on all workers together.
   */
  constructor(
    dataPlane: DataPlane,
    tenants: readonly { readonly slot: TenantSlot; readonly name: string }[],
    reservedPercent: ReadonlyMap<TenantSlot, number>,
  ) {
    this.#dataPlane = dataPlane;
    this.#tenants = tenants;
    this.#reservedPercent = reservedPercent;
  }

  async read(): Promise<Reading> {
    const bytes = await this.#bytesBySlot();
    const snapshot = this.#dataPlane.snapshot();
    const wallMs = Date.now();
    this.#memory.look(snapshot.atMs, bytes);
    const percentSeconds = (slot: TenantSlot) =>
      ((this.#reservedPercent.get(slot) ?? 0) * (snapshot.atMs - this.#startMs)) / 1000;
    const further = (slot: TenantSlot) => ({
      memory_byte_seconds: this.#memory.of(slot),
      reserved_core_seconds: BigInt(Math.floor(percentSeconds(slot) / 100)),
    });
    return readingOf(snapshot, this.#tenants, further, wallMs);
  }

  async #bytesBySlot(): Promise<Map<TenantSlot, number>> {
    const { conntrack } = this.#dataPlane;
    const [tables, { memoryBytes, capacity }] = await Promise.all([this.#dataPlane.tableReports(), conntrack.usage()]);
    const bytes = new Map<TenantSlot, number>();
    const add = (slot: TenantSlot, more: number): void => void bytes.set(slot, (bytes.get(slot) ?? 0) + more);
    for (const table of tables) add(table.slot, table.memoryBytes);
    if (capacity > 0)
      for (const [slot, { entries }] of conntrack.counters().entries()) add(slot, (Number(entries) * memoryBytes) / capacity);
    return bytes;
  }
}
