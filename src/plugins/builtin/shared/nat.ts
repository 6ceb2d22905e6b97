import { Type, type PluginTopology, type Rule } from '../../sdk/index.js';
import { canonical, ethType, familyOf, formatPrefix, type Family, type Prefix } from './prefix.js';

type Match = NonNullable<Rule['match']>;
type Actions = Rule['actions'];
type Conntrack = Extract<Actions[number], { readonly type: 'conntrack' }>;
type Nat = NonNullable<Conntrack['nat']>;

/** Addresses of VMs, and what is in their place outside. */
export interface Translation {
  readonly family: Family;
  readonly inside: readonly string[];
  readonly outside: readonly Prefix[];
  /** What a connection gets that a VM opens. */
  readonly source: Nat;
  /** What one gets that is opened from outside; none can be where it is left out. */
  readonly destination?: Nat;
}

export const partSchema = Type.Union([Type.Literal('both'), Type.Literal('in'), Type.Literal('out')], {
  default: 'both',
  description: 'what comes from outside, what goes there, or both',
});
export type Part = 'both' | 'in' | 'out';

export const zoneSchema = (byDefault: number) =>
  Type.Integer({
    minimum: 1,
    maximum: 65535,
    default: byDefault,
    description: 'of conntrack; nobody else of the tenant uses it',
  });

const priorities = {
  translatedIn: 3000,
  translatedOut: 3000,
  openedIn: 2600,
  unasked: 2550,
  openedOut: 2500,
  astray: 500,
  hairpin: 101,
  comesIn: 100,
  stays: 95,
  goesOut: 90,
} as const;

/** Where packets leave the switch; undefined where it has no uplink, or that is not open. */
function wayOut({ uplink, uplinks }: PluginTopology): Actions | undefined {
  const mac = uplinks.find(({ name }) => name === uplink?.port)?.mac;
  if (!uplink || mac === undefined) return undefined;
  return [
    { type: 'set_field', field: 'eth_src', value: mac },
    { type: 'set_field', field: 'eth_dst', value: uplink.nextHopMac },
    { type: 'output', port: uplink.port },
  ];
}

export interface NatPlan {
  readonly zone: number;
  readonly part: Part;
  /** Destinations towards which nothing is translated, beside the tenant's own networks. */
  readonly except: readonly string[];
  readonly translations: readonly Translation[];
}

/** Translation by conntrack, both ways. What goes out leaves by the uplink, past who would follow. */
export function natRules({ zone, part, except, translations }: NatPlan, topology: PluginTopology): Rule[] {
  const families = [...new Set(translations.map(({ family }) => family))];
  const out = wayOut(topology);
  return [
    { priority: priorities.translatedIn, match: tracked(zone, '+trk+dnat'), actions: [{ type: 'continue' }] },
    ...(part === 'out' ? [] : translations.flatMap((translation) => comingIn(zone, translation, topology))),
    ...(part === 'in' || !out ? [] : goingOut({ zone, families, translations, topology, out })),
    ...(part === 'in' ? [] : staying(families, except, topology)),
    { priority: priorities.astray, match: tracked(zone), actions: refused },
  ];
}

const refused: Actions = [{ type: 'drop', reason: 'policy_refused' }];

const tracked = (zone: number, state = '+trk'): Match => ({ ct_zone: zone, ct_state: state });

/** What conntrack knows is translated by it. */
const look = (zone: number): Actions => [
  { type: 'conntrack', zone, nat: {} },
  { type: 'resubmit', table: 0 },
];

const commit = (zone: number, nat: Nat): Conntrack => ({ type: 'conntrack', zone, commit: true, nat });

function comingIn(zone: number, { family, outside, destination }: Translation, { ports }: PluginTopology): Rule[] {
  return outside.flatMap((prefix): Rule[] => {
    const there = { eth_type: ethType[family], [`ipv${family}_dst`]: formatPrefix(prefix) };
    const opened: Rule[] = destination
      ? [
          {
            priority: priorities.openedIn,
            match: { ...tracked(zone, '+trk+new-inv'), ...there },
            actions: [commit(zone, destination), { type: 'continue' }],
          },
        ]
      : [];
    return [
      // VMs reach each other by their own addresses: answers to these would not come by here.
      ...ports.map(({ name }) => ({ priority: priorities.hairpin, match: { in_port: name, ...there }, actions: refused })),
      { priority: priorities.comesIn, match: there, actions: look(zone) },
      ...opened,
      { priority: priorities.unasked, match: { ...tracked(zone), ...there }, actions: refused },
    ];
  });
}

interface Outward {
  readonly zone: number;
  readonly families: readonly Family[];
  readonly translations: readonly Translation[];
  readonly topology: PluginTopology;
  readonly out: Actions;
}

function goingOut({ zone, families, translations, topology: { vms, ports }, out }: Outward): Rule[] {
  const sender = new Map(vms.flatMap((vm) => vm.addresses.map((address) => [canonical(address), vm])));
  const gateway = new Map(ports.map(({ name, mac }) => [name, mac]));
  const opened = translations.flatMap(({ family, inside, source }) =>
    inside.flatMap((address): Rule[] => {
      const vm = sender.get(canonical(address));
      const mac = vm && gateway.get(vm.port);
      if (!vm || mac === undefined) return [];
      const from = { eth_type: ethType[family], [`ipv${family}_src`]: address };
      return [
        {
          priority: priorities.goesOut,
          match: { in_port: vm.port, eth_src: vm.mac, eth_dst: mac, vlan_vid: 0, ...from },
          // The hop is counted while the sender's own address can be told of it.
          actions: [{ type: 'dec_ttl' }, ...look(zone)],
        },
        {
          priority: priorities.openedOut,
          match: { ...tracked(zone, '+trk+new-inv-snat-dnat'), ...from },
          actions: [commit(zone, source), ...out],
        },
      ];
    }),
  );
  const known = families.map((family) => ({
    priority: priorities.translatedOut,
    match: { ...tracked(zone, '+trk+snat'), eth_type: ethType[family] },
    actions: out,
  }));
  return [...opened, ...known];
}

const staying = (families: readonly Family[], except: readonly string[], { networks }: PluginTopology): Rule[] =>
  [...new Set([...networks.map(({ prefix }) => prefix), ...except])]
    .filter((prefix) => families.includes(familyOf(prefix)))
    .map((prefix) => ({
      priority: priorities.stays,
      match: { eth_type: ethType[familyOf(prefix)], [`ipv${familyOf(prefix)}_dst`]: prefix },
      actions: [{ type: 'continue' as const }],
    }));
