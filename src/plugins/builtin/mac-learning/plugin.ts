import { definePlugin, Type, type Packet } from '../../sdk/index.js';
import { macText } from '../shared/headers.js';
import { Learned } from './learned.js';
import { bridgeRules, puntPriority, type Place } from './rules.js';

const integer = (minimum: number, maximum: number, byDefault: number, description: string) =>
  Type.Integer({ minimum, maximum, default: byDefault, description });

/** Times an age in which senders are looked after. */
const checksPerAge = 4;

/** Joins the tenant's ports as a bridge that learns who is where. */
export const plugin = definePlugin({
  name: 'mac-learning',
  version: '1.0.0',
  description: "a learning bridge between the tenant's ports",
  headers: ['ethernet', 'vlan', 'arp', 'ipv6', 'icmpv6', 'neighbour'],
  options: Type.Object(
    {
      ageS: integer(10, 1_000_000, 300, 'an address is forgotten after so long without a packet from it'),
      maxAddresses: integer(1, 16_384, 1024, 'addresses that are learned in all'),
      maxPerPort: integer(1, 16_384, 256, 'addresses that are learned behind one port'),
      gateway: Type.Boolean({ default: true, description: "whether the switch is the tenant's router, too" }),
    },
    { additionalProperties: false },
  ),
  async setup(ctx) {
    const { ageS, maxAddresses, maxPerPort, gateway } = ctx.options;
    const addresses = ctx.metrics.gauge('addresses');
    const [moves, refused] = [ctx.metrics.counter('moves'), ctx.metrics.counter('refused')];
    const learned = new Learned({ inAll: maxAddresses, perPort: maxPerPort });
    let fixed: ReadonlyMap<string, number> = new Map();

    /** The learned addresses of the rules in force, in their order. */
    let inForce: readonly string[] = [];
    let [isRunning, isDue] = [false, false];
    const replace = async (): Promise<void> => {
      const places = learned.entries().map(([mac, { port }]): Place => [mac, port]);
      await ctx.rules.replace(bridgeRules(ctx.topology, { fixed: [...fixed], learned: places, gateway }));
      inForce = places.map(([mac]) => mac);
      addresses.set(learned.size);
    };
    /** Changes that come while others are made are made together, after these. */
    const apply = async (): Promise<void> => {
      isDue = true;
      if (isRunning) return;
      isRunning = true;
      try {
        while (isDue) {
          isDue = false;
          await replace();
        }
      } finally {
        isRunning = false;
      }
    };
    const applySoon = (): void => {
      apply().catch((error: unknown) => ctx.log.error('what was learned could not become rules', { why: String(error) }));
    };

    const handle = (packet: Packet): boolean => {
      const source = macText(packet.bytes.subarray(6, 12));
      const learning = learned.learn(source, packet.port, ctx.timers.now());
      if (learning === 'refused') {
        refused.add();
        packet.drop();
        return false;
      }
      if (learning === 'moved') moves.add();
      const destination = macText(packet.bytes.subarray(0, 6));
      const port = fixed.get(destination) ?? learned.portOf(destination);
      if (port === packet.port) packet.drop();
      else if (port !== undefined) packet.output(port);
      else {
        for (const other of ctx.topology.ports)
          if (other.open && other.number !== packet.port) ctx.emit(packet.bytes, { out: other.number });
        packet.consume();
      }
      return learning !== 'known';
    };

    const listening = new Set<string>();
    const follow = (): void => {
      const numbers = new Map(ctx.topology.ports.map(({ name, number }) => [name, number]));
      fixed = new Map(
        ctx.topology.vms.flatMap(({ mac, port }): Place[] => {
          const number = numbers.get(port);
          return number === undefined ? [] : [[mac, number]];
        }),
      );
      const present = new Set(numbers.values());
      for (const [mac, { port }] of learned.entries()) if (!present.has(port) || fixed.has(mac)) learned.forget(mac);
      for (const { name } of ctx.topology.ports) {
        if (listening.has(name)) continue;
        listening.add(name);
        ctx.onPackets(
          { in_port: name, metadata: '0/1' },
          (batch) => {
            let hasNews = false;
            for (const packet of batch) hasNews = handle(packet) || hasNews;
            if (hasNews) applySoon();
          },
          { priority: puntPriority },
        );
      }
    };

    const age = async (): Promise<void> => {
      const counters = await ctx.rules.counters();
      // Of the rules in force now: a change that was under way has come before the counters.
      const asked = inForce;
      const stations = new Map(learned.entries());
      const now = ctx.timers.now();
      const silent = asked.filter((mac, i) => {
        const station = stations.get(mac);
        if (!station) return false;
        const packets = counters[i]?.packets ?? 0n;
        if (packets !== station.packets) [station.packets, station.seenMs] = [packets, now];
        return now - station.seenMs >= ageS * 1000;
      });
      for (const mac of silent) learned.forget(mac);
      if (silent.length > 0) await apply();
    };

    ctx.on('topology_changed', () => {
      follow();
      applySoon();
    });
    ctx.timers.every((ageS * 1000) / checksPerAge, age);
    ctx.route('GET', '/addresses', () => ({
      body: Object.fromEntries(learned.entries().map(([mac, { port }]) => [mac, port])),
    }));
    follow();
    await apply();
  },
});
