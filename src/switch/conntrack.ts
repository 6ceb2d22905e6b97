import { maxTenants } from '../config/schema.js';
import { bytesOfIp, ipOfBytes } from '../model/address.js';
import { ctCounters, ctEntryKinds, ctStates } from '../model/conntrack.js';
import { VswitchError } from '../model/errors.js';
import { fromNative, rethrow } from './native-errors.js';
import type { NativeConnection, NativeCtFilter, NativeSwitch } from './native.js';
import type {
  Conntrack,
  CtConnection,
  CtCounters,
  CtFilter,
  CtPage,
  CtRestored,
  CtStateCounts,
  CtUsage,
  TenantSlot,
} from './types.js';

/** The addon's connections behind typed methods. */
export class NativeConntrack implements Conntrack {
  readonly #native: () => NativeSwitch;
  #last: { readonly raw: BigUint64Array; readonly decoded: readonly CtCounters[] } | undefined;

  /** @param native throws CLOSED where the switch is closed. */
  constructor(native: () => NativeSwitch) {
    this.#native = native;
  }

  async list(filter: CtFilter, limit: number, cursor: number): Promise<CtPage> {
    const page = await this.#call((native) => native.ctList({ ...filterOf(filter), limit, cursor }));
    return { cursor: page.cursor, connections: page.connections.map(connectionOf) };
  }

  count(filter: CtFilter): Promise<number> {
    return this.#call((native) => native.ctCount(filterOf(filter)));
  }

  flush(filter: CtFilter): Promise<number> {
    return this.#call((native) => native.ctFlush(filterOf(filter)));
  }

  snapshot(): Promise<Uint8Array> {
    return this.#call((native) => native.ctSnapshot());
  }

  /** @throws VswitchError REQUEST_INVALID where it is no snapshot, or one of another version. */
  async restore(snapshot: Uint8Array): Promise<CtRestored> {
    const native = this.#native();
    try {
      return await native.ctRestore(snapshot);
    } catch (error) {
      const { code, message } = fromNative(error);
      if (code === 'CLOSED') return rethrow(error);
      const remedy = 'give what a snapshot of this version gave';
      throw new VswitchError('REQUEST_INVALID', message, [{ pointer: '', message, remedy }], { cause: error });
    }
  }

  limitZone(slot: TenantSlot, zone: number, entries: number, newPerSecond: number): Promise<void> {
    return this.#call((native) => native.setCtZoneLimit(slot, zone, entries, newPerSecond));
  }

  usage(): Promise<CtUsage> {
    return this.#call((native) => native.ctUsage());
  }

  async states(): Promise<CtStateCounts[]> {
    const raw = await this.#call((native) => native.ctStates());
    return Array.from({ length: maxTenants + 1 }, (_, slot) => {
      const at = slot * ctEntryKinds.length;
      return Object.fromEntries(ctEntryKinds.map((name, i) => [name, raw[at + i] ?? 0])) as CtStateCounts;
    });
  }

  /** The same array as before where none of them changed. */
  counters(): readonly CtCounters[] {
    const raw = new BigUint64Array((maxTenants + 1) * ctCounters.length);
    this.#native().readCtCounters(raw);
    if (!this.#last || Buffer.compare(bytesOf(raw), bytesOf(this.#last.raw)) !== 0) this.#last = { raw, decoded: decoded(raw) };
    return this.#last.decoded;
  }

  async #call<T>(verb: (native: NativeSwitch) => Promise<T>): Promise<T> {
    const native = this.#native();
    try {
      return await verb(native);
    } catch (error) {
      return rethrow(error);
    }
  }
}

const bytesOf = (raw: BigUint64Array): Uint8Array => new Uint8Array(raw.buffer);

const decoded = (raw: BigUint64Array): CtCounters[] =>
  Array.from({ length: maxTenants + 1 }, (_, slot) => {
    const at = slot * ctCounters.length;
    return Object.fromEntries(ctCounters.map((name, i) => [name, raw[at + i] ?? 0n])) as CtCounters;
  });

const filterOf = ({ address, ...rest }: CtFilter): NativeCtFilter =>
  address === undefined ? rest : { ...rest, address: bytesOfIp(address) };

const connectionOf = (native: NativeConnection): CtConnection => ({
  slot: native.slot,
  zone: native.zone,
  proto: native.proto,
  original: {
    src: ipOfBytes(native.src),
    dst: ipOfBytes(native.dst),
    srcPort: native.srcPort,
    dstPort: native.dstPort,
  },
  reply: {
    src: ipOfBytes(native.replySrc),
    dst: ipOfBytes(native.replyDst),
    srcPort: native.replySrcPort,
    dstPort: native.replyDstPort,
  },
  state: ctStates[native.state] ?? 'closed',
  mark: native.mark,
  label: ipOfBytes(native.label).value,
  timeoutMs: native.timeoutMs,
});
