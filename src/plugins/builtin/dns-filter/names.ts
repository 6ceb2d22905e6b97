import type { PluginTopology } from '../../sdk/index.js';
import { addressBytes } from '../shared/prefix.js';

/** What the filter knows of names. */
export interface Names {
  /** Of a name that the tenant has; undefined of others. */
  addressesOf(name: string): readonly Uint8Array[] | undefined;
  /** Whether it is the tenant's own domain, or below it. */
  isOwn(name: string): boolean;
  isBlocked(name: string): boolean;
}

export interface NameOptions {
  readonly domain: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly blocked: readonly string[];
}

/** Names are in lower case, without the last dot. */
const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

export function namesOf({ domain, names, blocked }: NameOptions, { vms }: PluginTopology): Names {
  const own = plain(domain);
  const known = new Map<string, readonly Uint8Array[]>();
  const add = (name: string, addresses: readonly string[]): void => {
    known.set(
      plain(name),
      addresses.flatMap((text) => addressBytes(text) ?? []),
    );
  };
  for (const { name, addresses } of vms) add(`${name}.${own}`, addresses);
  for (const [name, addresses] of Object.entries(names)) add(name, addresses);
  const refused = new Set(blocked.map(plain));
  return {
    addressesOf: (name) => known.get(name),
    isOwn: (name) => name === own || name.endsWith(`.${own}`),
    isBlocked: (name) => refused.size > 0 && around(name).some((domainName) => refused.has(domainName)),
  };
}

/** The name, and all domains that it is in. */
function around(name: string): readonly string[] {
  const labels = name.split(/(?<!\\)\./);
  return labels.map((_, i) => labels.slice(i).join('.'));
}
