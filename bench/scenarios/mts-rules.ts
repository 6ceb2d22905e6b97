import type { FlowText } from '../../src/model/flow.js';
import { forwarding, type Work } from '../forwarding.js';
import { ipv4Frame } from '../support/frames.js';

const tenants = [1, 2, 3, 4] as const;
const tenantMac = (tenant: number): string => `02:00:00:00:03:0${tenant}`;
const wireMac = '02:00:00:00:00:11';
const tenantAddress = (tenant: number, host: number): number => 0x0a000000 + tenant * 65_536 + host;

/** The eight rules of two shapes that the published MTS scripts install. */
const rules: FlowText[] = tenants.flatMap((tenant) => [
  {
    match: { in_port: 'wire', eth_type: 0x0800, ipv4_dst: `10.${tenant}.0.0/16` },
    actions: [
      { type: 'set_field', field: 'eth_dst', value: tenantMac(tenant) },
      { type: 'output', port: `gw${tenant}` },
    ],
  },
  {
    match: { in_port: `gw${tenant}` },
    actions: [
      { type: 'set_field', field: 'eth_dst', value: wireMac },
      { type: 'output', port: 'wire' },
    ],
  },
]);

/** The flows are shared out: half come from the wire, half from the four tenants; all five ports are sources and sinks. */
function work(flows: number): Work {
  const from = (count: number, frame: (i: number) => Buffer): Buffer[] =>
    Array.from({ length: Math.ceil(count) }, (_, i) => frame(i));
  const outside = (i: number): number => 0xc0a80000 + (i % 65_536);
  return {
    rules: { flows: rules },
    sources: {
      wire: from(flows / 2, (i) => ipv4Frame({ src: outside(i), dst: tenantAddress(1 + (i % 4), i >> 2) })),
      ...Object.fromEntries(
        tenants.map((tenant) => [
          `gw${tenant}`,
          from(flows / 8, (i) => ipv4Frame({ srcMac: tenantMac(tenant), src: tenantAddress(tenant, i), dst: outside(i) })),
        ]),
      ),
    },
    sinks: [],
  };
}

/** Level-1 of MTS: one vswitch for four tenants. */
export const mtsRules = forwarding({
  name: 'mts-rules',
  title: 'mts-rules: the eight rules of the MTS scripts, four tenants, five ports',
  flows: 1000,
  maxFlows: 100_000,
  work,
});
