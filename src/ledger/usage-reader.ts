import type { DataPlane, TenantSlot } from '../switch/types.js';
import { ByteSeconds } from './byte-seconds.js';
import { readingOf, type Reading } from './reading.js';

/** Reads what the ledger keeps from the data plane: its counters, and the memory that each tenant's tables and connections take. */
export class UsageReader {
  readonly #dataPlane: DataPlane;
  readonly #tenants: readonly { readonly slot: TenantSlot; readonly name: string }[];
  readonly #memory = new ByteSeconds(performance.now());

  /** @param tenants without slot 0. */
  constructor(dataPlane: DataPlane, tenants: readonly { readonly slot: TenantSlot; readonly name: string }[]) {
    this.#dataPlane = dataPlane;
    this.#tenants = tenants;
  }

  async read(): Promise<Reading> {
    const bytes = await this.#bytesBySlot();
    const snapshot = this.#dataPlane.snapshot();
    const wallMs = Date.now();
    this.#memory.look(snapshot.atMs, bytes);
    return readingOf(snapshot, this.#tenants, (slot) => ({ memory_byte_seconds: this.#memory.of(slot) }), wallMs);
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
