import { fromNative, rethrow } from './native-errors.js';
import { puntCounterNames } from './counters.js';
import type { NativeSwitch } from './native.js';
import type { PuntChannel, PuntCounters, PuntOptions, TenantSlot } from './types.js';

/**
 * Opens the way to a tenant's plugins.
 * @param native throws where the switch is closed.
 */
export async function openPunt(native: () => NativeSwitch, slot: TenantSlot, options: PuntOptions): Promise<PuntChannel> {
  const fd = await native()
    .openPunt({ slot, ...options })
    .catch((error: unknown) => {
      throw fromNative(error);
    });
  return new NativePunt(native, slot, fd);
}

class NativePunt implements PuntChannel {
  readonly fd: number;
  readonly #native: () => NativeSwitch;
  readonly #slot: TenantSlot;

  constructor(native: () => NativeSwitch, slot: TenantSlot, fd: number) {
    this.#native = native;
    this.#slot = slot;
    this.fd = fd;
  }

  counters(): PuntCounters {
    const raw = new BigUint64Array(puntCounterNames.length);
    this.#native().readPuntCounters(this.#slot, raw);
    const [punted = 0n, puntedBytes = 0n, resumed = 0n, output = 0n, refused = 0n] = raw;
    return { punted, puntedBytes, resumed, output, refused };
  }

  async close(): Promise<void> {
    await this.#native().closePunt(this.#slot).catch(rethrow);
  }
}
