import { PluginError, type Rule } from '../../sdk/index.js';
import { ethType, familyOf, parsePrefix, type Family } from '../shared/prefix.js';
import type { Identities, Identity } from './identities.js';
import type { Direction, GroupRule, SecurityOptions } from './options.js';

type Match = NonNullable<Rule['match']>;

/** Who may open what to whom: the ends by their numbers, the rest as a match. */
export interface Permission {
  readonly source?: number;
  readonly destination?: number;
  readonly match: Match;
}

const protocols = { tcp: 6, udp: 17, sctp: 132 } as const;
const icmp = { 4: 1, 6: 58 } as const;
const both: readonly Family[] = [4, 6];

/** @throws PluginError with every rule that says what cannot be. */
export function checkRules({ groups }: SecurityOptions): void {
  const faults = Object.entries(groups).flatMap(([name, group]) =>
    (['ingress', 'egress'] as const).flatMap((direction) =>
      (group[direction] ?? []).flatMap((rule, i) =>
        faultsOf(rule, groups).map(([property, message, remedy]) => ({
          pointer: `/groups/${name}/${direction}/${i}/${property}`,
          value: rule[property],
          message,
          remedy,
        })),
      ),
    ),
  );
  if (faults.length > 0) throw new PluginError('PLUGIN_INVALID', 'rules of security groups have faults', faults);
}

type RuleFault = readonly [property: keyof GroupRule, message: string, remedy: string];

function faultsOf(rule: GroupRule, groups: SecurityOptions['groups']): RuleFault[] {
  const { protocol, ports, icmpType, icmpCode, remote, remoteGroup, ip } = rule;
  const faults: RuleFault[] = [];
  const [low = 0, high = low] = (ports ?? '0').split('-').map(Number);
  if (ports !== undefined && (protocol === undefined || protocol === 'icmp'))
    faults.push(['ports', 'are of tcp, udp or sctp', 'give the protocol, or leave the ports out']);
  if (low > high || high > 65535) faults.push(['ports', 'are no range', 'give two numbers up to 65535 as `8000-8999`']);
  for (const [property, value] of [
    ['icmpType', icmpType],
    ['icmpCode', icmpCode],
  ] as const)
    if (value !== undefined && protocol !== 'icmp')
      faults.push([property, 'is of icmp', 'write `protocol: icmp`, or leave it out']);
  if (remote !== undefined && !parsePrefix(remote))
    faults.push(['remote', 'is no address or prefix', 'give it as `10.0.0.0/8`, without bits beyond its length']);
  else if (remote !== undefined && ip !== undefined && ip !== familyOf(remote))
    faults.push(['ip', 'contradicts the remote', 'leave it out']);
  if (remote !== undefined && remoteGroup !== undefined)
    faults.push(['remoteGroup', 'there is a remote already', 'write two rules']);
  if (remoteGroup !== undefined && !Object.hasOwn(groups, remoteGroup))
    faults.push(['remoteGroup', 'is no group', `one of ${Object.keys(groups).join(', ')}`]);
  return faults;
}

/** What the rules of one direction allow, each once. */
export function permissionsOf(direction: Direction, { groups }: SecurityOptions, { all }: Identities): Permission[] {
  const found = new Map<string, Permission>();
  const [local, remote] = direction === 'egress' ? (['source', 'destination'] as const) : (['destination', 'source'] as const);
  const inGroup = (name: string): readonly Identity[] => all.filter((identity) => identity.groups.includes(name));
  for (const [name, group] of Object.entries(groups))
    for (const rule of group[direction] ?? [])
      for (const own of inGroup(name))
        for (const other of rule.remoteGroup === undefined ? [undefined] : inGroup(rule.remoteGroup))
          for (const match of matchesOf(rule, direction, own, other)) {
            const permission = { [local]: own.id, ...(other ? { [remote]: other.id } : {}), match };
            found.set(JSON.stringify(permission), permission);
          }
  return [...found.values()];
}

/** Ports and types are of an IP version each; a rule without them holds for both at once. */
function matchesOf(rule: GroupRule, direction: Direction, own: Identity, other: Identity | undefined): Match[] {
  const { protocol, ip, remote } = rule;
  const families = both.filter(
    (family) =>
      own.families.has(family) &&
      (other?.families.has(family) ?? true) &&
      (ip ?? family) === family &&
      (remote === undefined || familyOf(remote) === family),
  );
  if (protocol === undefined && ip === undefined && remote === undefined) return families.length > 0 ? [{}] : [];
  return families.map((family) => ({
    eth_type: ethType[family],
    ...(remote === undefined ? {} : remoteOf(family, direction, remote)),
    ...transportOf(rule, family),
  }));
}

function remoteOf(family: Family, direction: Direction, remote: string): Match {
  if (parsePrefix(remote)?.length === 0) return {};
  return { [`ipv${family}_${direction === 'egress' ? 'dst' : 'src'}`]: remote };
}

function transportOf({ protocol, ports, icmpType, icmpCode }: GroupRule, family: Family): Match {
  if (protocol === undefined) return {};
  if (protocol !== 'icmp')
    return { ip_proto: protocols[protocol], ...(ports === undefined || isAllPorts(ports) ? {} : { [`${protocol}_dst`]: ports }) };
  return {
    ip_proto: icmp[family],
    ...(icmpType === undefined ? {} : { [`icmpv${family}_type`]: icmpType }),
    ...(icmpCode === undefined ? {} : { [`icmpv${family}_code`]: icmpCode }),
  };
}

const isAllPorts = (ports: string): boolean => /^0+-65535$/.test(ports);
