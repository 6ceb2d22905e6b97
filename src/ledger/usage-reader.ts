import type { UpkeepCounters } from '../model/usage.js';
import type { DataPlane, TenantSlot } from '../switch/types.js';
import { readingOf, type Reading } from './reading.js';

/** What tenants use beside the data plane's counters. */
export interface UpkeepSource {
  /** Looks at what has to be asked for. */
  look(): Promise<void>;
  of(slot: TenantSlot): UpkeepCounters;
}

/** Reads what the ledger keeps of the tenants, without slot 0: the data plane's counters, and what they use beside. */
export class UsageReader {
  readonly #dataPlane: Pick<DataPlane, 'snapshot'>;
  readonly #tenants: readonly { readonly slot: TenantSlot; readonly name: string }[];
  readonly #upkeep: UpkeepSource;

  constructor(
    dataPlane: Pick<DataPlane, 'snapshot'>,
    tenants: readonly { readonly slot: TenantSlot; readonly name: string }[],
    upkeep: UpkeepSource,
  ) {
    this.#dataPlane = dataPlane;
    this.#tenants = tenants;
    this.#upkeep = upkeep;
  }

  async read(): Promise<Reading> {
    await this.#upkeep.look();
    const snapshot = this.#dataPlane.snapshot();
    const further = (slot: TenantSlot) => {
      const { memoryByteSeconds, reservedCoreSeconds, transactions, transactionMicros, pluginCycles } = this.#upkeep.of(slot);
      return {
        memory_byte_seconds: memoryByteSeconds,
        reserved_core_seconds: reservedCoreSeconds,
        transactions,
        transaction_us: transactionMicros,
        cycles_plugin: pluginCycles,
      };
    };
    return readingOf(snapshot, this.#tenants, further, Date.now());
  }
}
