import type { PluginTopology, Rule } from '../../sdk/index.js';
import { ethType, familyOf, formatPrefix } from '../shared/prefix.js';
import type { Identities } from './identities.js';
import type { SecurityOptions } from './options.js';
import { permissionsOf, type Permission } from './policy.js';
import { at, begin, leave, to, tracked } from './stages.js';

export const priorities = {
  neighbours: 4000,
  invalid: 3903,
  accepted: 3902,
  related: 3901,
  answer: 3900,
  /** And the length of the prefix. */
  address: 3000,
  noMember: 2999,
  permission: 2000,
  notFiltered: 1999,
  refused: 600,
  astray: 500,
  own: 100,
  spoofed: 99,
  untracked: 10,
} as const;

/** All rules of the policy but those that tell of what was refused. */
export function rulesOf(options: SecurityOptions, topology: PluginTopology, identities: Identities): Rule[] {
  const { zone } = options;
  const opening = [
    ...senders(zone, topology),
    ...endRules(zone, identities),
    ...permissionsOf('egress', options, identities).map(permit(zone, 'egress', to('ingress'))),
    notFiltered(zone, 'egress', { source: 0 }, to('ingress')),
  ];
  const reached = permissionsOf('ingress', options, identities);
  // Connections are marked with the policy that let them be opened; under another one they are asked again.
  const mark = fingerprint(JSON.stringify([opening, reached]));
  const commit: Rule['actions'] = [{ type: 'conntrack', zone, commit: true, mark }, ...leave];
  return [
    ...neighbours(topology),
    ...known(zone, mark),
    ...opening,
    ...reached.map(permit(zone, 'ingress', commit)),
    notFiltered(zone, 'ingress', { destination: 0 }, commit),
    { priority: priorities.astray, match: tracked(zone), actions: [{ type: 'drop', reason: 'policy_refused' }] },
  ];
}

/** Neighbour discovery is of the link, and of no connection (RFC 4861): solicitations and advertisements that stay there. */
const neighbours = ({ networks }: PluginTopology): Rule[] => {
  const gateways = networks.map(({ gateway }) => gateway).filter((gateway) => familyOf(gateway) === 6);
  if (gateways.length === 0) return [];
  return [133, 135, 136].flatMap((type) =>
    ['ff02::/16', 'fe80::/10', ...gateways].map((target) => ({
      priority: priorities.neighbours,
      match: { eth_type: ethType[6], ip_proto: 58, icmpv6_type: type, ipv6_dst: target },
      actions: [{ type: 'continue' as const }],
    })),
  );
};

/** What conntrack alone decides. */
const known = (zone: number, mark: number): Rule[] => [
  { priority: priorities.invalid, match: tracked(zone, '+trk+inv'), actions: [{ type: 'drop', reason: 'policy_refused' }] },
  { priority: priorities.accepted, match: { ...tracked(zone), ct_mark: mark }, actions: leave },
  { priority: priorities.related, match: tracked(zone, '+trk+rel'), actions: leave },
  { priority: priorities.answer, match: tracked(zone, '+trk+est+rpl'), actions: leave },
];

/** The connection is looked up; of a VM's address only what its own port and MAC sent, or it could be opened in its name. */
function senders(zone: number, { vms }: PluginTopology): Rule[] {
  const look: Rule['actions'] = [{ type: 'conntrack', zone }, ...begin];
  const own = vms.flatMap((vm) =>
    vm.addresses.flatMap((address): Rule[] => {
      const family = familyOf(address);
      const source = { eth_type: ethType[family], [`ipv${family}_src`]: address };
      return [
        { priority: priorities.own, match: { in_port: vm.port, eth_src: vm.mac, ...source }, actions: look },
        { priority: priorities.spoofed, match: source, actions: [{ type: 'drop', reason: 'spoofed_source' }] },
      ];
    }),
  );
  const others = ([4, 6] as const).map((family) => ({
    priority: priorities.untracked,
    match: { eth_type: ethType[family] },
    actions: look,
  }));
  return [...own, ...others];
}

/** Who is at which end. */
const endRules = (zone: number, { prefixes }: Identities): Rule[] =>
  (
    [
      ['source', 'src', 'destination'],
      ['destination', 'dst', 'egress'],
    ] as const
  ).flatMap(([end, side, next]) => [
    ...prefixes.map(({ prefix, id }) => ({
      priority: priorities.address + prefix.length,
      match: {
        ...at(zone, end),
        eth_type: ethType[prefix.family],
        ...(prefix.length === 0 ? {} : { [`ipv${prefix.family}_${side}`]: formatPrefix(prefix) }),
      },
      actions: to(next, end, id),
    })),
    { priority: priorities.noMember, match: at(zone, end), actions: to(next, end) },
  ]);

const permit =
  (zone: number, stage: 'egress' | 'ingress', actions: Rule['actions']) =>
  ({ match, ...ends }: Permission): Rule => ({
    priority: priorities.permission,
    match: { ...at(zone, stage, ends), ...match },
    actions,
  });

const notFiltered = (
  zone: number,
  stage: 'egress' | 'ingress',
  ends: { readonly source?: 0; readonly destination?: 0 },
  actions: Rule['actions'],
): Rule => ({ priority: priorities.notFiltered, match: at(zone, stage, ends), actions });

/** FNV-1a, 32 bits, never 0: that is the mark of a connection that nobody accepted. */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0 || 1;
}
