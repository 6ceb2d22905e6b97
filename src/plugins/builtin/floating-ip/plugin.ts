import { definePlugin, PluginError, Type } from '../../sdk/index.js';
import { keepRules } from '../shared/keep-rules.js';
import { natRules, partSchema, zoneSchema, type Translation } from '../shared/nat.js';
import { formatPrefix, parsePrefix, prefixPattern, familyBits, type Prefix } from '../shared/prefix.js';

const address = (description: string) => Type.String({ pattern: prefixPattern, description });

/** Gives VMs addresses by which they are reached from outside, and seen there. */
export const plugin = definePlugin({
  name: 'floating-ip',
  version: '1.0.0',
  description: 'an address of a VM has another one outside, both ways',
  headers: ['ethernet', 'vlan', 'ipv4', 'ipv6'],
  options: Type.Object(
    {
      addresses: Type.Array(
        Type.Object(
          { inside: address('the address of a VM'), outside: address("one of the tenant's networks that is no VM's") },
          { additionalProperties: false },
        ),
        { maxItems: 1024, description: 'which stands for which' },
      ),
      except: Type.Array(Type.String({ pattern: prefixPattern }), {
        default: [],
        description: "destinations towards which VMs keep their own addresses, beside the tenant's networks",
      }),
      zone: zoneSchema(61003),
      part: partSchema,
    },
    { additionalProperties: false },
  ),
  onFailure: 'keep',
  async setup(ctx) {
    const { addresses, except, zone, part } = ctx.options;
    const translations = translationsOf(addresses);
    await keepRules(ctx, () => natRules({ zone, part, except, translations }, ctx.topology));
  },
});

/** @throws PluginError with every pair that is none. */
function translationsOf(pairs: readonly { readonly inside: string; readonly outside: string }[]): Translation[] {
  const faults: { pointer: string; value: string; message: string; remedy: string }[] = [];
  const seen = new Set<string>();
  const read = (i: number, side: 'inside' | 'outside', text: string): Prefix | undefined => {
    const found = parsePrefix(text);
    const isAddress = found !== undefined && found.length === familyBits[found.family];
    const key = found && formatPrefix(found);
    if (isAddress && key !== undefined && !seen.has(key)) {
      seen.add(key);
      return found;
    }
    const [message, remedy] = isAddress
      ? ['is there already', 'give each address one other']
      : ['is no address', 'give one, without a length'];
    faults.push({ pointer: `/addresses/${i}/${side}`, value: text, message, remedy });
    return undefined;
  };
  const translations = pairs.flatMap(({ inside, outside }, i): Translation[] => {
    const [own, other] = [read(i, 'inside', inside), read(i, 'outside', outside)];
    if (!own || !other) return [];
    if (own.family === other.family)
      return [{ family: own.family, inside: [inside], outside: [other], source: { src: outside }, destination: { dst: inside } }];
    faults.push({
      pointer: `/addresses/${i}/outside`,
      value: outside,
      message: 'is of another IP version',
      remedy: 'give two of one version',
    });
    return [];
  });
  if (faults.length > 0) throw new PluginError('PLUGIN_INVALID', 'the options of floating-ip have faults', faults);
  return translations;
}
