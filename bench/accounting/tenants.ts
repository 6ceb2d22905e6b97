import type { VswitchConfig } from '../../src/config/schema.js';
import type { ActionText } from '../../src/model/action.js';
import type { FlowText } from '../../src/model/flow.js';
import { Random } from '../../test/conformance/random.js';
import { egressMac, hopMac } from '../rules/actions.js';
import { ipv4Frame } from '../support/frames.js';
import { ipv4Mask, ipv4Number, prefixText } from '../support/ipv4.js';

/** Tenants whose packets take different work. */
export const tenantNames = ['plain', 'acl', 'tunnel'] as const;
export type TenantName = (typeof tenantNames)[number];

/** By which ports packets come: each tenant's own Gw port, or the uplink, which all share. The other one takes what is sent. */
export const ways = ['own', 'shared'] as const;
export type Way = (typeof ways)[number];

const uplink = 'up';
const gwOf = (tenant: TenantName): string => `gw-${tenant}`;
const vmOf = (tenant: TenantName): string => `10.${tenantNames.indexOf(tenant) + 1}.0.10`;
const macOf = (tenant: TenantName): string => hopMac(tenantNames.indexOf(tenant) + 1);

const aclRules = 1000;
const srcLengths = [16, 18, 20, 22, 24] as const;
const dstLengths = [16, 20, 24, 28, 32] as const;
const network = ipv4Number('172.16.0.0');

/** What rule `i` of the access list lets through: one of 25 mask shapes, at random addresses. */
function aclRule(i: number): {
  readonly src: number;
  readonly srcLength: number;
  readonly dstLength: number;
  readonly port: number;
} {
  const random = new Random(100 + i);
  const srcLength = srcLengths[i % srcLengths.length] ?? 24;
  const dstLength = dstLengths[Math.floor(i / srcLengths.length) % dstLengths.length] ?? 32;
  return { src: ((network + random.below(1 << 20)) & ipv4Mask(srcLength)) >>> 0, srcLength, dstLength, port: 1024 + i };
}

/** Frames of so many flows for a tenant's VM. */
export function framesFor(tenant: TenantName, flows: number): Buffer[] {
  const dst = ipv4Number(vmOf(tenant));
  return Array.from({ length: flows }, (_, i) => {
    const { src, port } = aclRule(i % aclRules);
    return ipv4Frame({ srcMac: macOf(tenant), src: src + 1, dst, srcPort: 1000 + (i % 60_000), dstPort: port });
  });
}

/** The tenant's own rules: for all of its packets, since which of the uplink's are its own is found before. */
function flowsOf(tenant: TenantName, to: string): FlowText[] {
  const forward: ActionText[] = [
    { type: 'set_field', field: 'eth_src', value: egressMac },
    { type: 'set_field', field: 'eth_dst', value: macOf(tenant) },
    { type: 'output', port: to },
  ];
  const dst = vmOf(tenant);
  const match = { eth_type: 0x0800, ipv4_dst: dst };
  if (tenant === 'plain') return [{ priority: 30_000, match, actions: forward }];
  if (tenant === 'acl')
    return Array.from({ length: aclRules }, (_, i) => {
      const { src, srcLength, dstLength, port } = aclRule(i);
      const dstPrefix = { address: (ipv4Number(dst) & ipv4Mask(dstLength)) >>> 0, length: dstLength };
      const ipv4 = { ipv4_src: prefixText({ address: src, length: srcLength }), ipv4_dst: prefixText(dstPrefix) };
      return {
        priority: 30_000 + i,
        match: { eth_type: 0x0800, ip_proto: 17, ...ipv4, udp_dst: port },
        actions: forward,
      };
    });
  const encap: ActionText = {
    type: 'encap',
    tunnel: 'vxlan',
    vni: 100,
    eth_src: egressMac,
    eth_dst: macOf(tenant),
    src: '192.0.2.1',
    dst: '192.0.2.2',
  };
  return [{ priority: 30_000, match, actions: [{ type: 'conntrack', commit: true }, encap, { type: 'output', port: to }] }];
}

/**
 * Three tenants on one worker.
 * @param captures of the ports that packets come by, by name.
 */
export function tenantsConfig(way: Way, captures: ReadonlyMap<string, string>, socket: string): VswitchConfig {
  const portOf = (name: string) => {
    const rxFile = captures.get(name);
    return rxFile === undefined ? { type: 'null' as const } : { type: 'pcap' as const, rxFile, infinite: true };
  };
  const tenantOf = (tenant: TenantName, i: number) => ({
    networks: [{ prefix: `10.${i + 1}.0.0/24`, gateway: `10.${i + 1}.0.1` }],
    vms: { vm: { port: gwOf(tenant), mac: macOf(tenant), addresses: [vmOf(tenant)] } },
    flows: way === 'own' ? flowsOf(tenant, uplink) : flowsOf(tenant, gwOf(tenant)),
  });
  return {
    name: 'bench',
    workers: { cores: [1], idle: { mode: 'poll' } },
    memory: { hugepages: 'require', mib: 512, mbufs: 65_535 },
    ports: {
      [uplink]: { ...portOf(uplink), role: 'uplink' },
      ...Object.fromEntries(tenantNames.map((tenant) => [gwOf(tenant), { ...portOf(gwOf(tenant)), tenant }])),
    },
    uplink: { port: uplink, addresses: ['192.0.2.1'], nextHopMac: '02:00:00:00:00:99' },
    tenants: Object.fromEntries(tenantNames.map((tenant, i) => [tenant, tenantOf(tenant, i)])),
    limits: { masksPerTable: 64 },
    api: { socket },
  } as unknown as VswitchConfig;
}

/**
 * The frames of each port that some tenants' packets come by.
 * @param costs what a packet of each takes. On the uplink packets come at random, so many of each that all take equal cycles: a worker
 * that is always busy gives each its share, and drops what is more.
 */
export function trafficOf(
  way: Way,
  tenants: readonly TenantName[],
  flows: number,
  costs: ReadonlyMap<TenantName, number>,
): ReadonlyMap<string, readonly Buffer[]> {
  if (way === 'own') return new Map(tenants.map((tenant) => [gwOf(tenant), framesFor(tenant, flows)]));
  // As many in the ring, whoever's they are: what a ring costs in the caches is nobody's work.
  const weightOf = (tenant: TenantName): number => 1 / (costs.get(tenant) ?? 1);
  const weights = tenants.reduce((sum, tenant) => sum + weightOf(tenant), 0);
  const countOf = (tenant: TenantName): number => Math.round((tenantNames.length * flows * weightOf(tenant)) / weights);
  const random = new Random(9);
  const mixed = tenants
    .flatMap((tenant) => {
      const frames = framesFor(tenant, flows);
      return Array.from({ length: countOf(tenant) }, (_, i) => frames[i % flows] ?? Buffer.alloc(0));
    })
    .map((frame) => ({ frame, at: random.below(2 ** 30) }));
  return new Map([[uplink, mixed.toSorted((a, b) => a.at - b.at).map(({ frame }) => frame)]]);
}
