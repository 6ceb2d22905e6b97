import { definePlugin, PluginError, Type } from '../../sdk/index.js';
import { keepRules } from '../shared/keep-rules.js';
import { natRules, partSchema, zoneSchema, type Translation } from '../shared/nat.js';
import { familyOf, parsePrefix, prefixesOf, prefixPattern, type Family, type Prefix } from '../shared/prefix.js';

interface Outside {
  readonly family: Family;
  readonly text: string;
  readonly prefixes: readonly Prefix[];
}

/** Lets VMs share addresses of the tenant towards the outside. */
export const plugin = definePlugin({
  name: 'source-nat',
  version: '1.0.0',
  description: 'connections that VMs open to the outside come from shared addresses',
  headers: ['ethernet', 'vlan', 'ipv4', 'ipv6'],
  options: Type.Object(
    {
      outside: Type.Array(
        Type.String({
          pattern: '^[0-9a-fA-F.:]{2,45}(-[0-9a-fA-F.:]{2,45})?$',
          description: "an address or a range of the tenant's networks, for example `192.0.2.1-192.0.2.4`",
        }),
        { minItems: 1, maxItems: 2, description: 'one of IPv4, one of IPv6, or both' },
      ),
      vms: Type.Optional(Type.Array(Type.String(), { description: "names of the tenant's VMs; all of them where left out" })),
      except: Type.Array(Type.String({ pattern: prefixPattern }), {
        default: [],
        description: "destinations towards which VMs keep their own addresses, beside the tenant's networks",
      }),
      persistent: Type.Boolean({ default: true, description: 'a VM keeps address and port towards everybody (RFC 4787)' }),
      random: Type.Boolean({ default: false, description: 'ports by chance' }),
      portBlock: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 65536, description: 'ports of each address of a VM (RFC 7422)' }),
      ),
      zone: zoneSchema(61002),
      part: partSchema,
    },
    { additionalProperties: false },
  ),
  onFailure: 'keep',
  async setup(ctx) {
    const { outside, vms, except, persistent, random, portBlock, zone, part } = ctx.options;
    const ranges = outside.map(outsideOf);
    if (new Set(ranges.map(({ family }) => family)).size < ranges.length)
      throw wrong('/outside/1', outside[1], 'is of the same IP version as the first', 'give one range of each');
    const chosen = { persistent, random, ...(portBlock === undefined ? {} : { portBlock }) };
    await keepRules(ctx, () => {
      const behind = ctx.topology.vms.filter(({ name }) => vms?.includes(name) ?? true);
      const translations = ranges.map(({ family, text, prefixes }): Translation => ({
        family,
        inside: behind.flatMap(({ addresses }) => addresses.filter((address) => familyOf(address) === family)),
        outside: prefixes,
        source: { src: text, ...chosen },
      }));
      return natRules({ zone, part, except, translations }, ctx.topology);
    });
  },
});

/** @throws PluginError where it is no range. */
function outsideOf(text: string, i: number): Outside {
  const [lowText = '', highText = lowText] = text.split('-');
  const [low, high] = [parsePrefix(lowText), parsePrefix(highText)];
  if (!low || !high || low.family !== high.family || low.value > high.value)
    throw wrong(`/outside/${i}`, text, 'is no address or range', 'give it as `192.0.2.1-192.0.2.4`');
  return { family: low.family, text, prefixes: prefixesOf({ family: low.family, low: low.value, high: high.value }) };
}

const wrong = (pointer: string, value: unknown, message: string, remedy: string): PluginError =>
  new PluginError('PLUGIN_INVALID', 'the options of source-nat have faults', [{ pointer, value, message, remedy }]);
