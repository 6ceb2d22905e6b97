import {
  contains,
  familyBits,
  formatIp,
  formatPrefix,
  hostBits,
  overlaps,
  parseIp,
  parsePrefix,
  withoutHostBits,
  type IpAddress,
  type IpPrefix,
} from '../model/address.js';
import { jsonPointer, type Fault } from '../model/errors.js';
import { fullMask } from '../model/match.js';
import type { ConfigParts } from './parts.js';
import { repeated } from './repeated.js';

interface Network {
  readonly pointer: string;
  readonly tenant: string;
  readonly prefix: IpPrefix;
  readonly gateway: IpAddress | undefined;
}

interface Placed {
  readonly pointer: string;
  readonly text: string;
  readonly address: IpAddress;
}

/** Addresses that are none, lie outside their network, or are there twice; networks that overlap. */
export function addressFaults(parts: ConfigParts): Fault[] {
  const faults: Fault[] = [];
  const networks = networksOf(parts, faults);
  faults.push(...overlapFaults(networks));
  const placed = [...vmAddresses(parts, networks, faults), ...uplinkAddresses(parts, networks, faults)];
  const keyed = placed.map(({ pointer, text, address }) => ({ pointer, value: text, key: formatIp(address) }));
  return [...faults, ...repeated(keyed, 'an address is one device’s', 'give each device its own')];
}

function address(pointer: string, text: string, faults: Fault[]): Placed[] {
  const found = parseIp(text);
  if (found) return [{ pointer, text, address: found }];
  faults.push({ pointer, value: text, message: 'is no IP address', remedy: 'give one as 10.0.0.1 or fd00::1' });
  return [];
}

function networksOf({ tenants }: ConfigParts, faults: Fault[]): Network[] {
  return tenants.flatMap((tenant) =>
    tenant.networks.flatMap(({ pointer, value }) => {
      const [gateway] = address(`${pointer}/gateway`, value.gateway, faults);
      const here = `${pointer}/prefix`;
      const prefix = parsePrefix(value.prefix);
      if (!prefix) {
        faults.push({
          pointer: here,
          value: value.prefix,
          message: 'is no IP prefix',
          remedy: 'give one as 10.0.0.0/24 or fd00::/64',
        });
        return [];
      }
      if (hostBits(prefix) !== 0n) {
        const meant = formatPrefix(withoutHostBits(prefix));
        faults.push({
          pointer: here,
          value: value.prefix,
          message: 'has bits beyond its length',
          remedy: `did you mean "${meant}"?`,
        });
      }
      const network = { pointer: here, tenant: tenant.name, prefix: withoutHostBits(prefix), gateway: gateway?.address };
      if (gateway) faults.push(...placeFaults(gateway, [network], 'the gateway'));
      return [network];
    }),
  );
}

function overlapFaults(networks: readonly Network[]): Fault[] {
  return networks.flatMap((network, i) => {
    const other = networks.slice(0, i).find(({ prefix }) => overlaps(prefix, network.prefix));
    if (!other) return [];
    const message = `overlaps ${formatPrefix(other.prefix)} of tenant ${other.tenant}: whose a packet is would not be clear`;
    return [
      {
        pointer: network.pointer,
        value: formatPrefix(network.prefix),
        message,
        remedy: 'give each network addresses of its own',
      },
    ];
  });
}

/** What is wrong with where an address lies. `networks` are those it may lie in. */
function placeFaults({ pointer, text, address: found }: Placed, networks: readonly Network[], what: string): Fault[] {
  const network = networks.find(({ prefix }) => contains(prefix, found));
  if (!network) {
    const there = networks.map(({ prefix }) => formatPrefix(prefix)).join(', ');
    const remedy = there === '' ? 'give the tenant a network with that address' : `give one in ${there}`;
    return [{ pointer, value: text, message: `${what} is in none of its networks`, remedy }];
  }
  const { prefix } = network;
  const free = familyBits[prefix.family] - prefix.length;
  const last = prefix.value | fullMask(free);
  // RFC 3021: a /31 has neither; IPv6 has no broadcast, and its first address is the routers' anycast (RFC 4291).
  const reserved = prefix.family === 4 && free > 1 && (found.value === prefix.value || found.value === last);
  if (!reserved) return [];
  const which = found.value === prefix.value ? 'the network itself' : "the network's broadcast address";
  return [{ pointer, value: text, message: `${what} is ${which}`, remedy: `give another one in ${formatPrefix(prefix)}` }];
}

function vmAddresses({ tenants }: ConfigParts, networks: readonly Network[], faults: Fault[]): Placed[] {
  return tenants.flatMap((tenant) => {
    const own = networks.filter((network) => network.tenant === tenant.name);
    return tenant.vms.flatMap(({ pointer, value }) =>
      value.addresses.flatMap((text, i) => {
        const placed = address(pointer + jsonPointer('addresses', i), text, faults);
        for (const one of placed) {
          // A network that could not be read may be the one.
          if (own.length === tenant.networks.length) faults.push(...placeFaults(one, own, "the VM's address"));
          const gateway = own.find((network) => network.gateway && formatIp(network.gateway) === formatIp(one.address));
          if (gateway) {
            const remedy = 'give the VM another address';
            faults.push({ pointer: one.pointer, value: text, message: "is the gateway's address", remedy });
          }
        }
        return placed;
      }),
    );
  });
}

function uplinkAddresses({ uplink }: ConfigParts, networks: readonly Network[], faults: Fault[]): Placed[] {
  return (uplink?.value.addresses ?? []).flatMap((text, i) => {
    const placed = address(jsonPointer('uplink', 'addresses', i), text, faults);
    for (const one of placed) {
      const network = networks.find(({ prefix }) => contains(prefix, one.address));
      if (!network) continue;
      const message = `is in network ${formatPrefix(network.prefix)} of tenant ${network.tenant}`;
      faults.push({
        pointer: one.pointer,
        value: text,
        message,
        remedy: "give the uplink an address outside the tenants' networks",
      });
    }
    return placed;
  });
}
