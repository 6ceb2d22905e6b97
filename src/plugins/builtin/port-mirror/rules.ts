import type { PluginTopology, Rule, RuleStock } from '../../sdk/index.js';
import { ethType, familyOf } from '../shared/prefix.js';
import type { MirrorOptions } from './options.js';

type Group = NonNullable<RuleStock['groups']>[number];
type Action = Rule['actions'][number];

const copies = 1;

/** How a packet is copied; undefined where there is no way to the collector. */
interface Copy {
  readonly action: Action;
  readonly groups: readonly Group[];
}

export function mirrorRules(
  { to, vms, direction }: MirrorOptions,
  topology: PluginTopology,
): { readonly rules: Rule[]; readonly stock: RuleStock } {
  const copy: Copy | undefined =
    'port' in to
      ? { action: { type: 'mirror', port: to.port, one_in: to.oneIn, max_bytes: to.maxBytes }, groups: [] }
      : intoTunnel(to, topology);
  if (!copy) return { rules: [], stock: {} };
  const actions: Rule['actions'] = [copy.action, { type: 'continue' }];
  const chosen = topology.vms.filter(({ name }) => vms?.includes(name) ?? true);
  const sent = chosen.map(({ port, mac }): Rule => ({ priority: 2, match: { in_port: port, eth_src: mac }, actions }));
  const got = chosen.flatMap(({ addresses }) =>
    addresses.map((address): Rule => {
      const family = familyOf(address);
      return { priority: 1, match: { eth_type: ethType[family], [`ipv${family}_dst`]: address }, actions };
    }),
  );
  return {
    rules: [...(direction === 'in' ? [] : sent), ...(direction === 'out' ? [] : got)],
    stock: { groups: copy.groups },
  };
}

/** A group has its own copy of a packet to put into the tunnel. */
function intoTunnel(
  { remote, vni }: { readonly remote: string; readonly vni: number },
  topology: PluginTopology,
): Copy | undefined {
  const { uplink, uplinks } = topology;
  const mac = uplinks.find(({ name }) => name === uplink?.port)?.mac;
  const source = uplink?.addresses.find((address) => familyOf(address) === familyOf(remote));
  if (!uplink || mac === undefined || source === undefined) return undefined;
  const bucket: Group['buckets'][number] = {
    actions: [
      { type: 'encap', tunnel: 'vxlan', vni, eth_src: mac, eth_dst: uplink.nextHopMac, src: source, dst: remote },
      { type: 'output', port: uplink.port },
    ],
  };
  return { action: { type: 'group', group: copies }, groups: [{ group: copies, type: 'all', buckets: [bucket] }] };
}
