import type { Client } from '../../../src/cli/client.js';
import type { FlowText } from '../../../src/model/flow.js';

/** A tenant of the lab, and where it sends. */
interface Site {
  readonly tenant: string;
  readonly port: string;
  readonly mac: string;
}

const sites: readonly Site[] = [
  { tenant: 'red', port: 'red-gw1', mac: '02:00:00:01:01:01' },
  { tenant: 'blue', port: 'blue-gw1', mac: '02:00:00:02:01:01' },
];
const most = 200;

/** What a switch is made to do differently, all the time. */
export class Reconfigurer {
  /** How often each was done. */
  readonly done = new Map<string, number>();
  readonly #client: Client;
  readonly #next: () => number;

  /** @param next a number from 0 to 1. */
  constructor(client: Client, next: () => number) {
    this.#client = client;
    this.#next = next;
  }

  /** One change of one kind. @throws what the switch refuses it with. */
  async once(): Promise<void> {
    const [kind, change] = this.#pick(Object.entries(this.#kinds));
    await change();
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
  }

  readonly #kinds: Readonly<Record<string, () => Promise<unknown>>> = {
    flows: () => {
      const { tenant, port } = this.#pick(sites);
      const flows = Array.from({ length: this.#below(most) }, (_, i) => this.#unhit(port, i));
      return this.#client.send('PUT', `/v1/tenants/${tenant}/flows`, { flows, groups: [], meters: [] });
    },
    groups: () => this.#through({ type: 'group', group: 1 }),
    meters: () => this.#through({ type: 'meter', meter: 1 }),
    policy: () => {
      const both = [
        { from: 'red', to: 'blue' },
        { from: 'blue', to: 'red' },
      ];
      return this.#client.send('PUT', '/v1/policy', { policy: this.#next() < 0.5 ? both : [] });
    },
    shares: () => {
      const share = () => ({
        weight: 1 + this.#below(300),
        guaranteedPercent: this.#below(51),
        capPercent: this.#pick([null, 51 + this.#below(50)]),
      });
      return this.#client.send('PATCH', '/v1/shares', { shares: { red: share(), blue: share() } });
    },
    ports: async () => {
      await this.#client.send('POST', '/v1/ports', { name: 'spare', config: { type: 'null', tenant: 'blue', receive: true } });
      await this.#client.send('DELETE', '/v1/ports/spare');
    },
  };

  /** The operator's rule for pings of a tenant's machine, by a group of two buckets or a meter. */
  #through(action: FlowText['actions'][number]): Promise<unknown> {
    const { port, mac } = this.#pick(sites);
    const send = [
      { type: 'set_field', field: 'eth_dst', value: mac },
      { type: 'output', port },
    ] as const;
    const isGroup = action.type === 'group';
    const match = { in_port: 'uplink', eth_type: 0x0800, ip_proto: 1, ipv4_dst: port === 'red-gw1' ? '10.1.0.11' : '10.2.0.11' };
    const flows = [{ priority: 10, match, actions: isGroup ? [action] : [action, ...send] }];
    const bucket = { weight: 1 + this.#below(9), actions: send };
    const groups = isGroup ? [{ group: 1, type: 'select', buckets: [bucket, bucket] }] : [];
    const bands = [{ type: 'drop', rate: 100 + this.#below(10_000) }];
    const meters = isGroup ? [] : [{ meter: 1, unit: 'kbps', bands }];
    return this.#client.send('PUT', '/v1/flows', { flows, groups, meters });
  }

  /** An access list's rule that all packets of the tenant are compared with, and none meets. */
  #unhit(port: string, i: number): FlowText {
    const match = {
      in_port: port,
      eth_type: 0x0800,
      ip_proto: 17,
      ipv4_dst: `203.0.${i}.0/${24 + this.#below(9)}`,
      udp_dst: 1 + this.#below(65_535),
    };
    return { priority: i, match, actions: [{ type: 'drop' }] };
  }

  #below(end: number): number {
    return Math.floor(this.#next() * end);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }
}
