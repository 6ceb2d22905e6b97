import { definePlugin, Type, type Packet, type PluginContext } from '../../sdk/index.js';
import { addressText, endsOf, layersOf, macText } from '../shared/headers.js';
import { keepRules } from '../shared/keep-rules.js';
import { canonical, ethType, prefixPattern } from '../shared/prefix.js';
import { payloadOf, replyTo } from '../shared/udp.js';
import { answer, codes, internet, readQuery, types, type Query } from './message.js';
import { namesOf, type Names } from './names.js';

const domainName = (description: string) =>
  Type.String({ pattern: '^[a-zA-Z0-9_-]{1,63}(\\.[a-zA-Z0-9_-]{1,63}){0,30}\\.?$', description });
const choice = (description: string) => Type.Union([Type.Literal('forward'), Type.Literal('drop')], { description });

const optionsSchema = Type.Object(
  {
    domain: { ...domainName('VMs are below it: `vm1.internal`'), default: 'internal' },
    names: Type.Record(Type.String(), Type.Array(Type.String({ pattern: prefixPattern }), { maxItems: 32 }), {
      default: {},
      description: 'other names that are answered, with their addresses',
    }),
    blocked: Type.Array(domainName('a name that is refused, with all below it'), { maxItems: 65536, default: [] }),
    ttlS: Type.Integer({ minimum: 0, maximum: 86400, default: 60, description: 'how long an answer may be kept' }),
    malformed: { ...choice('what becomes of queries that cannot be read'), default: 'drop' },
    overTcp: { ...choice('what becomes of queries over TCP, which are not read'), default: 'forward' },
  },
  { additionalProperties: false },
);

/** Answers queries for the tenant's own names, and refuses some others. */
export const plugin = definePlugin({
  name: 'dns-filter',
  version: '1.0.0',
  description: "answers for the tenant's VMs by name, and refuses names",
  headers: ['ethernet', 'ipv4', 'ipv6', 'transport'],
  options: optionsSchema,
  async setup(ctx) {
    const { options } = ctx;
    const [answered, refused, forwarded, malformed] = (['answered', 'refused', 'forwarded', 'malformed'] as const).map((name) =>
      ctx.metrics.counter(name),
    );
    let names: Names = namesOf(options, ctx.topology);
    let senders = sendersOf(ctx);

    const handle = (packet: Packet): void => {
      const frame = packet.bytes;
      const layers = layersOf(frame);
      const data = layers && payloadOf(frame, layers);
      const query = data ? readQuery(data) : 'malformed';
      if (query === 'malformed' || !layers) {
        malformed?.add();
        if (options.malformed === 'forward') packet.forward();
        else packet.drop();
        return;
      }
      const from = senderKey(packet.port, macText(frame.subarray(6, 12)), addressText(endsOf(frame, layers).source));
      const decided = query === 'other' || !senders.has(from) ? undefined : decide(query, names);
      if (!decided || query === 'other') {
        forwarded?.add();
        packet.forward();
        return;
      }
      (decided.isRefusal ? refused : answered)?.add();
      ctx.emit(replyTo(frame, layers, answer(query, decided.code, decided.addresses, options.ttlS)), { out: packet.port });
      packet.consume();
    };

    const listening = new Set<string>();
    await keepRules(ctx, () => {
      names = namesOf(options, ctx.topology);
      senders = sendersOf(ctx);
      for (const { name } of ctx.topology.ports) {
        if (listening.has(name)) continue;
        listening.add(name);
        for (const family of [4, 6] as const)
          ctx.onPackets({ in_port: name, eth_type: ethType[family], ip_proto: 17, udp_dst: 53 }, (batch) => {
            for (const packet of batch) handle(packet);
          });
      }
      if (options.overTcp === 'forward') return [];
      return ctx.topology.ports.flatMap(({ name }) =>
        ([4, 6] as const).map((family) => ({
          match: { in_port: name, eth_type: ethType[family], ip_proto: 6, tcp_dst: 53 },
          actions: [{ type: 'drop' as const, reason: 'policy_refused' as const }],
        })),
      );
    });
  },
});

interface Decision {
  readonly code: number;
  readonly addresses: readonly Uint8Array[];
  readonly isRefusal: boolean;
}

/** Undefined: that is for somebody else to answer. */
function decide({ name, type, class: of }: Query, names: Names): Decision | undefined {
  if (names.isBlocked(name)) return { code: codes.nameError, addresses: [], isRefusal: true };
  if (of !== internet) return undefined;
  const addresses = names.addressesOf(name);
  if (!addresses) return names.isOwn(name) ? { code: codes.nameError, addresses: [], isRefusal: false } : undefined;
  const bytes = type === types.a ? 4 : type === types.aaaa ? 16 : 0;
  return {
    code: codes.noError,
    addresses: addresses.filter(({ length }) => type === types.any || length === bytes),
    isRefusal: false,
  };
}

/** Who may ask: VMs, by their own port, MAC and address; of others the switch says that they are not who they say. */
const sendersOf = ({ topology }: Pick<PluginContext, 'topology'>): ReadonlySet<string> => {
  const numbers = new Map(topology.ports.map(({ name, number }) => [name, number]));
  return new Set(
    topology.vms.flatMap(({ port, mac, addresses }) =>
      addresses.map((address) => senderKey(numbers.get(port) ?? 0, mac, canonical(address))),
    ),
  );
};

const senderKey = (port: number, mac: string, address: string): string => `${port} ${mac} ${address}`;
