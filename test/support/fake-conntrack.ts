import { ctCounters, ctEntryKinds } from '../../src/model/conntrack.js';
import type { NativeConnection, NativeCtFilter, NativeSwitch } from '../../src/switch/native.js';

/** An error as the addon throws it. */
export const fault = (code: string, step: string, message: string): Error =>
  Object.assign(new Error(message), { code, step, errno: 0, log: '' });

/** The connections of a switch that forwards nothing. */
export abstract class FakeConntrack {
  connections: NativeConnection[] = [];
  /** By slot and name, as `1/created`. */
  readonly ctCounts = new Map<string, bigint>();
  /** By slot and zone, as `1/5`. */
  readonly zoneLimits = new Map<string, readonly [entries: number, newPerSecond: number]>();
  restored: Uint8Array | undefined;

  protected abstract mustRun(): void;

  async ctList({ limit, cursor, ...filter }: Parameters<NativeSwitch['ctList']>[0]): ReturnType<NativeSwitch['ctList']> {
    this.mustRun();
    const found = this.connections.filter((one) => fits(one, filter));
    const next = cursor + limit;
    return { cursor: next < found.length ? next : 0, connections: found.slice(cursor, next) };
  }

  async ctCount(filter: NativeCtFilter): Promise<number> {
    this.mustRun();
    return this.connections.filter((one) => fits(one, filter)).length;
  }

  async ctFlush(filter: NativeCtFilter): Promise<number> {
    const gone = await this.ctCount(filter);
    this.connections = this.connections.filter((one) => !fits(one, filter));
    return gone;
  }

  async ctSnapshot(): Promise<Uint8Array> {
    this.mustRun();
    return Buffer.from('a snapshot');
  }

  async ctRestore(snapshot: Uint8Array): ReturnType<NativeSwitch['ctRestore']> {
    this.mustRun();
    if (Buffer.from(snapshot).toString() !== 'a snapshot') throw fault('INVALID_ARGUMENT', 'restore', 'it is no snapshot');
    this.restored = snapshot;
    return { restored: 3, skipped: 1 };
  }

  async setCtZoneLimit(slot: number, zone: number, entries: number, newPerSecond: number): Promise<void> {
    this.mustRun();
    this.zoneLimits.set(`${slot}/${zone}`, [entries, newPerSecond]);
  }

  readCtCounters(out: BigUint64Array): void {
    this.mustRun();
    for (const [key, count] of this.ctCounts) {
      const [slot = '', name = ''] = key.split('/');
      out[Number(slot) * ctCounters.length + ctCounters.findIndex((one) => one === name)] = count;
    }
  }

  async ctStates(): Promise<Uint32Array> {
    this.mustRun();
    const out = new Uint32Array(64 * ctEntryKinds.length);
    for (const { slot, state } of this.connections) out[slot * ctEntryKinds.length + state]! += 1;
    return out;
  }

  async ctUsage(): ReturnType<NativeSwitch['ctUsage']> {
    this.mustRun();
    return { entries: this.connections.length, capacity: 65_536, memoryBytes: 16_777_216 };
  }
}

/** A filter of connections as the addon has it. */
function fits(one: NativeConnection, { slot, zone, proto, family, address, port }: NativeCtFilter): boolean {
  const addresses = [one.src, one.dst, one.replySrc, one.replyDst];
  const ports = [one.srcPort, one.dstPort, one.replySrcPort, one.replyDstPort];
  return (
    (slot === undefined || one.slot === slot) &&
    (zone === undefined || one.zone === zone) &&
    (proto === undefined || one.proto === proto) &&
    (family === undefined || one.family === family) &&
    (address === undefined || addresses.some((each) => Buffer.from(each).equals(Buffer.from(address)))) &&
    (port === undefined || ports.includes(port))
  );
}
