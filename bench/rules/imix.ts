import type { FlowText } from '../../src/model/flow.js';
import { Random } from '../../test/conformance/random.js';
import type { Work } from '../forwarding.js';
import { ipv4Frame } from '../support/frames.js';
import { ipv4Number, ipv4Text, prefixText } from '../support/ipv4.js';
import { addressIn, randomRoutes, routeFlow } from './routes.js';

const vmMac = '02:00:00:00:03:01';
const vmAddress = '172.16.0.10';
/** Tables of the pipeline: anti-spoofing, security rules, routes. */
const [security, routing] = [1, 2];
/** Simple IMIX: of 48 packets 28 of 60, 16 of 590 and 4 of 1514 bytes. */
const sizes = [...Array<number>(28).fill(60), ...Array<number>(16).fill(590), ...Array<number>(4).fill(1514)];

/** A tenant as a cloud has it: what its VM sends is checked for its address, by 200 security rules, then routed. */
export function imixWork(flows: number): Work {
  const random = new Random(10);
  const routes = randomRoutes(1000);
  const denied = securityRules();
  const frames = Array.from({ length: flows }, () =>
    ipv4Frame({
      srcMac: vmMac,
      src: ipv4Number(vmAddress),
      dst: addressIn(random.pick(routes), random),
      srcPort: 32_768 + random.below(28_000),
      dstPort: random.pick(openPorts),
      bytes: random.pick(sizes),
    }),
  );
  const rules: FlowText[] = [
    {
      match: { in_port: 'source', eth_src: vmMac, eth_type: 0x0800, ipv4_src: vmAddress },
      actions: [{ type: 'goto_table', table: security }],
    },
    ...denied,
    ...routes.map((route, hop) => ({ ...routeFlow(route, hop), table: routing })),
  ];
  return { rules: { flows: rules }, sources: { source: frames } };
}

const openPorts = [53, 80, 123, 443, 8080, 8443] as const;

/** Stateless, as security groups have them: ports to anywhere, ports to some networks, networks that are denied. */
function securityRules(): FlowText[] {
  const random = new Random(11);
  const udp = { eth_type: 0x0800, ip_proto: 17 } as const;
  const network = (): string =>
    prefixText({ address: ipv4Number(`198.${18 + random.below(2)}.${random.below(256)}.0`), length: random.pick([24, 26, 28]) });
  const next = [{ type: 'goto_table', table: routing }] as const;
  const at = { table: security } as const;
  const denials = Array.from({ length: 50 }, (_, i): FlowText => ({
    ...at,
    priority: 3000 + i,
    match: { ...udp, ipv4_dst: ipv4Text(ipv4Number('203.0.113.0') + i) },
    actions: [{ type: 'drop' }],
  }));
  const toNetworks = Array.from({ length: 144 }, (_, i): FlowText => ({
    ...at,
    priority: 2000 + i,
    match: { ...udp, ipv4_dst: network(), udp_dst: 1024 + random.below(60_000) },
    actions: next,
  }));
  const toAnywhere = openPorts.map((port, i): FlowText => ({
    ...at,
    priority: 1000 + i,
    match: { ...udp, udp_dst: port },
    actions: next,
  }));
  return [...denials, ...toNetworks, ...toAnywhere];
}
