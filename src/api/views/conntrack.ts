import { formatIp, parseIp } from '../../model/address.js';
import { maxCtZone } from '../../model/conntrack.js';
import { VswitchError, type Fault } from '../../model/errors.js';
import type { CtLimits } from '../../switch/conntrack-limits.js';
import type { Conntrack, CtConnection, CtEnds, CtFilter, CtRestored } from '../../switch/types.js';
import type { CtConnectionView, CtFilterText, CtListView, CtStatsView } from '../schemas/conntrack.js';

export interface ConntrackDeps {
  readonly conntrack: Conntrack;
  /** Without slot 0, which is nobody's. */
  readonly tenants: readonly { readonly slot: number; readonly name: string }[];
  /** By slot. */
  readonly limits: readonly CtLimits[];
}

/** Connections as the API shows them: with names of tenants, and filters that are checked. */
export class ConntrackService {
  readonly #conntrack: Conntrack;
  readonly #tenants: ConntrackDeps['tenants'];
  readonly #limits: ConntrackDeps['limits'];

  constructor({ conntrack, tenants, limits }: ConntrackDeps) {
    this.#conntrack = conntrack;
    this.#tenants = tenants;
    this.#limits = limits;
  }

  async list(text: CtFilterText & { readonly limit?: string; readonly cursor?: string }): Promise<CtListView> {
    const { limit = '100', cursor = '0', ...rest } = text;
    const faults: Fault[] = [];
    const most = numberIn(limit, 'limit', mostListed, faults, 1) ?? 1;
    const from = numberIn(cursor, 'cursor', 0xffff_ffff, faults) ?? 0;
    const page = await this.#conntrack.list(this.#filterOf(rest, faults), most, from);
    return { connections: page.connections.map((one) => this.#view(one)), cursor: page.cursor === 0 ? null : page.cursor };
  }

  async count(text: CtFilterText): Promise<number> {
    return this.#conntrack.count(this.#filterOf(text));
  }

  /** @throws VswitchError REQUEST_INVALID where all connections would be gone, and it was not said that they should. */
  async flush({ all, ...text }: CtFilterText & { readonly all?: 'true' }): Promise<number> {
    const filter = this.#filterOf(text);
    if (Object.keys(filter).length === 0 && all === undefined) {
      const message = 'without a filter every connection of every tenant would be forgotten';
      throw new VswitchError('REQUEST_INVALID', message, [{ pointer: '/query', message, remedy: 'give a filter, or all=true' }]);
    }
    return this.#conntrack.flush(filter);
  }

  snapshot(): Promise<Uint8Array> {
    return this.#conntrack.snapshot();
  }

  restore(snapshot: Uint8Array): Promise<CtRestored> {
    return this.#conntrack.restore(snapshot);
  }

  async stats(): Promise<CtStatsView> {
    const { entries, capacity, memoryBytes } = await this.#conntrack.usage();
    const states = await this.#conntrack.states();
    const counters = this.#conntrack.counters();
    const tenants = this.#limits.flatMap((limits, slot) => {
      const [counted, now] = [counters[slot], states[slot]];
      if (!counted || !now) return [];
      return [{ tenant: this.#nameOf(slot), counters: counted, states: now, limits: { ...limits, zones: [...limits.zones] } }];
    });
    return { entries, capacity, memoryBytes, tenants };
  }

  #view({ slot, original, reply, label, ...rest }: CtConnection): CtConnectionView {
    return {
      ...rest,
      tenant: this.#nameOf(slot),
      original: endsView(original),
      reply: endsView(reply),
      label: `0x${label.toString(16)}`,
    };
  }

  #nameOf(slot: number): string | null {
    return this.#tenants.find((tenant) => tenant.slot === slot)?.name ?? null;
  }

  #filterOf({ tenant, zone, proto, address, port }: CtFilterText, faults: Fault[] = []): CtFilter {
    const filter = {
      slot: tenant === undefined ? undefined : this.#slotOf(tenant, faults),
      zone: numberIn(zone, 'zone', maxCtZone, faults),
      proto: protocols.get(proto ?? '') ?? numberIn(proto, 'proto', 255, faults),
      address: address === undefined ? undefined : parseIp(address),
      port: numberIn(port, 'port', 0xffff, faults),
    };
    if (address !== undefined && !filter.address)
      faults.push({
        pointer: '/query/address',
        value: address,
        message: 'is no IP address',
        remedy: 'give one as 192.0.2.1 or 2001:db8::1',
      });
    if (faults.length > 0) throw new VswitchError('REQUEST_INVALID', faults[0]?.message ?? '', faults);
    return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  }

  #slotOf(name: string, faults: Fault[]): number | undefined {
    const found = this.#tenants.find((tenant) => tenant.name === name);
    if (!found)
      faults.push({
        pointer: '/query/tenant',
        value: name,
        message: `no tenant is called ${name}`,
        remedy: `there is ${this.#tenants.map((tenant) => tenant.name).join(', ') || 'none'}`,
      });
    return found?.slot;
  }
}

const mostListed = 10_000;

const protocols: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['icmp6', 58],
  ['sctp', 132],
]);

function numberIn(text: string | undefined, name: string, most: number, faults: Fault[], least = 0): number | undefined {
  if (text === undefined) return undefined;
  const value = /^[0-9]+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  const words = name === 'proto' ? `${[...protocols.keys()].join(', ')}, or ` : '';
  faults.push({
    pointer: `/query/${name}`,
    value: text,
    message: `is no ${name}`,
    remedy: `give ${words}${least} to ${most}`,
  });
  return undefined;
}

const endsView = ({ src, dst, srcPort, dstPort }: CtEnds): CtConnectionView['original'] => ({
  src: formatIp(src),
  dst: formatIp(dst),
  srcPort,
  dstPort,
});
