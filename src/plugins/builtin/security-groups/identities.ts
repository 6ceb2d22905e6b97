import type { PluginTopology } from '../../sdk/index.js';
import { covers, parsePrefix, type Family, type Prefix } from '../shared/prefix.js';
import type { SecurityOptions } from './options.js';

/** Addresses that are in the same groups: rules know them by one number. */
export interface Identity {
  /** From 1 on; 0 is whoever is not filtered. */
  readonly id: number;
  readonly groups: readonly string[];
  readonly families: ReadonlySet<Family>;
}

export interface Identities {
  readonly all: readonly Identity[];
  /** Of the prefixes that an address is in, the longest says who it is. */
  readonly prefixes: readonly { readonly prefix: Prefix; readonly id: number }[];
  /** Members that are neither a VM nor an address. */
  readonly unknown: readonly string[];
}

/** Of a number in `metadata`. */
export const idBits = 14;
const maxIdentities = (1 << idBits) - 1;

/** @throws RangeError for more sets of groups than there are numbers. */
export function identitiesOf({ groups, ungrouped }: SecurityOptions, { vms }: PluginTopology): Identities {
  const addresses = new Map(vms.map((vm) => [vm.name, vm.addresses]));
  const unknown = new Set<string>();
  const named = Object.entries(groups).flatMap(([group, { members }]) =>
    members.flatMap((member) =>
      (addresses.get(member) ?? [member]).flatMap((text) => {
        const prefix = parsePrefix(text);
        if (!prefix) unknown.add(member);
        return prefix ? [{ group, prefix }] : [];
      }),
    ),
  );
  const filtered = ungrouped === 'allow' ? [] : vms.flatMap((vm) => vm.addresses.flatMap((text) => parsePrefix(text) ?? []));
  const distinct = new Map([...named.map(({ prefix }) => prefix), ...filtered].map((prefix) => [keyOf(prefix), prefix]));
  const sets = new Map<string, { id: number; groups: readonly string[]; families: Set<Family> }>();
  const prefixes = Array.from(distinct.values(), (prefix) => {
    // Prefixes are apart or within each other, so those around the longest one are all that an address is in.
    const around = named.filter((member) => covers(member.prefix, prefix)).map(({ group }) => group);
    const set = [...new Set(around)].sort();
    const key = JSON.stringify(set);
    const identity = sets.get(key) ?? { id: sets.size + 1, groups: set, families: new Set<Family>() };
    sets.set(key, identity);
    identity.families.add(prefix.family);
    return { prefix, id: identity.id };
  });
  if (sets.size > maxIdentities)
    throw new RangeError(`addresses are in ${sets.size} different sets of groups; there may be ${maxIdentities}`);
  return { all: [...sets.values()], prefixes, unknown: [...unknown] };
}

const keyOf = ({ family, value, length }: Prefix): string => `${family}/${value}/${length}`;
