import { definePlugin, Type, type Packet } from '../../sdk/index.js';

const mac = Type.String({
  pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$',
  description: 'a MAC address, for example `02:00:00:00:00:01`',
});
/** Addresses that are remembered; of more, only the number of packets is known. */
const maxSeen = 1024;

/** Lets in only frames of MAC addresses that are known, and tells of others. */
export const plugin = definePlugin({
  name: 'mac-filter',
  version: '1.0.0',
  description: 'drops what comes from a VM with a source MAC that is not allowed',
  headers: ['ethernet_addresses'],
  options: Type.Object(
    {
      allow: Type.Optional(Type.Array(mac, { maxItems: 1024, description: "allowed beside the MACs of the tenant's VMs" })),
    },
    { additionalProperties: false },
  ),
  onFailure: 'keep',
  async setup(ctx) {
    const refused = ctx.metrics.counter('refused');
    const seen = new Map<string, number>();

    const apply = async (): Promise<void> => {
      const allowed = new Set(
        [...ctx.topology.vms.map((vm) => vm.mac), ...(ctx.options.allow ?? [])].map((text) => text.toLowerCase()),
      );
      await ctx.rules.replace(
        [...allowed].map((address) => ({ priority: 2, match: { eth_src: address }, actions: [{ type: 'continue' }] })),
      );
    };

    const look = (packet: Packet): void => {
      const source = [...packet.bytes.subarray(6, 12)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
      refused.add();
      const before = seen.get(source);
      if (before !== undefined || seen.size < maxSeen) seen.set(source, (before ?? 0) + 1);
      if (before === undefined && seen.size <= maxSeen) ctx.raise('mac_refused', { mac: source, port: packet.port });
      packet.drop();
    };

    for (const { name } of ctx.topology.ports)
      ctx.onPackets(
        { in_port: name },
        (batch) => {
          for (const packet of batch) look(packet);
        },
        { priority: 1 },
      );
    ctx.route('GET', '/refused', () => ({ body: Object.fromEntries(seen) }));
    await apply();
  },
});
