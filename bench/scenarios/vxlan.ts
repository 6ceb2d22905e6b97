import type { FlowText } from '../../src/model/flow.js';
import { forwarding, type Work } from '../forwarding.js';
import { ovsVxlan, tunnelPort, type Tunnel } from '../peers/ovs-vxlan.js';
import { worstOf } from '../result.js';
import { egressMac, forward, nextHopMac } from '../rules/actions.js';
import type { Scenario } from '../scenario.js';
import { flowFrames } from '../support/frames.js';
import { withScope } from '../support/scope.js';
import { vxlanFrame } from '../support/vxlan-frame.js';

const tunnel: Tunnel = {
  vni: 100,
  localMac: '02:00:00:00:00:21',
  remoteMac: '02:00:00:00:00:22',
  localIp: '192.0.2.1',
  remoteIp: '192.0.2.2',
};

const inner: Pick<FlowText, 'match'> = { match: { eth_type: 0x0800, ipv4_dst: '10.0.0.0/8' } };

const encapWork = (flows: number): Work => ({
  rules: {
    flows: [
      {
        match: { in_port: 'source', ...inner.match },
        actions: [
          {
            type: 'encap',
            tunnel: 'vxlan',
            vni: tunnel.vni,
            eth_src: tunnel.localMac,
            eth_dst: tunnel.remoteMac,
            src: tunnel.localIp,
            dst: tunnel.remoteIp,
          },
          { type: 'output', port: 'sink' },
        ],
      },
    ],
  },
  sources: { source: flowFrames(flows) },
});

const decapWork = (flows: number): Work => ({
  rules: {
    flows: [
      {
        match: { in_port: 'source', eth_type: 0x0800, ip_proto: 17, ipv4_dst: tunnel.localIp, udp_dst: 4789 },
        actions: [
          { type: 'decap', tunnel: 'vxlan', vnis: [tunnel.vni] },
          { type: 'goto_table', table: 1 },
        ],
      },
      { table: 1, match: { ...inner.match, tunnel_id: tunnel.vni }, actions: forward() },
    ],
  },
  sources: { source: flowFrames(flows).map((frame, i) => vxlanFrame(frame, tunnel, 49_152 + (i % 16_384))) },
});

/** A switch chooses the outer identification, fragment flags with their checksum, and the UDP source port (RFC 7348, section 5). */
const free = [
  [18, 22],
  [24, 26],
  [34, 36],
] as const;

export const vxlanEncap = forwarding({
  name: 'vxlan-encap',
  title: 'vxlan-encap: in_port, ipv4_dst → 50 bytes of VXLAN, output',
  flows: 1000,
  peer: ovsVxlan(tunnel, {
    overlay: [`in_port=1,ip,nw_dst=10.0.0.0/8,actions=set_field:${tunnel.vni}->tun_id,output:${tunnelPort}`],
    underlay: ['in_port=LOCAL,actions=output:2'],
    underlayPorts: ['sink'],
  }),
  free,
  work: encapWork,
});

export const vxlanDecap = forwarding({
  name: 'vxlan-decap',
  title: 'vxlan-decap: VXLAN off, then tunnel_id, ipv4_dst → set eth_src, set eth_dst, output',
  flows: 1000,
  peer: ovsVxlan(tunnel, {
    overlay: [
      `in_port=${tunnelPort},tun_id=${tunnel.vni},ip,nw_dst=10.0.0.0/8,` +
        `actions=mod_dl_src:${egressMac},mod_dl_dst:${nextHopMac},output:2`,
    ],
    underlay: ['in_port=1,actions=LOCAL'],
    underlayPorts: ['source'],
  }),
  work: decapWork,
});

/** Both ways, one after the other; the result is that of the worse. */
export const vxlan: Scenario = {
  ...vxlanEncap,
  name: 'vxlan',
  title: 'vxlan: encap and decap; the one with the worse ratio',
  run: async (options, scope) => {
    const results = [];
    for (const part of [vxlanEncap, vxlanDecap]) {
      options.log(part.name);
      results.push(await withScope((step) => part.run(options, step), scope));
    }
    return { ...worstOf(results), scenario: 'vxlan', ways: results };
  },
};
