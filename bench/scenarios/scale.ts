import type { ActionText } from '../../src/model/action.js';
import type { FlowText } from '../../src/model/flow.js';
import { curve } from '../curve.js';
import type { Work } from '../forwarding.js';
import { aclWork, thirtyShapes } from '../rules/acl.js';
import { forward, hopMac } from '../rules/actions.js';
import { exactWork } from '../rules/exact.js';
import { oneRule } from '../rules/one.js';
import { bgpRoutes, routesWork } from '../rules/routes.js';
import { flowFrames, ipv4Frame } from '../support/frames.js';

const tens = (from: number, to: number): number[] => {
  const list: number[] = [];
  for (let x = from; x <= to; x *= 10) list.push(x);
  return list;
};
const peerUpTo = 10_000;

export const scaleRules = curve({
  name: 'scale-rules',
  title: 'scale-rules: cycles per packet against rules',
  x: 'rules',
  flows: 10_000,
  series: [
    { name: 'exact', at: tens(1, 1_000_000), peerUpTo, work: (rules, flows) => exactWork(rules, flows) },
    { name: 'acl', at: tens(1, 10_000), peerUpTo, work: (rules, flows) => aclWork(rules, thirtyShapes, flows) },
    { name: 'routes', at: [...tens(1, 100_000), 900_000], peerUpTo, work: (rules, flows) => routesWork(bgpRoutes(rules), flows) },
  ],
});

/** One rule in each table, all of which a packet goes through. */
function tablesWork(tables: number, flows: number): Work {
  const match = { eth_type: 0x0800, ipv4_dst: '10.0.0.0/8' };
  const rules = Array.from({ length: tables }, (_, table): FlowText => ({
    table,
    match,
    actions: table === tables - 1 ? forward() : [{ type: 'goto_table', table: table + 1 }],
  }));
  return { rules: { flows: rules }, sources: { source: flowFrames(flows) } };
}

export const scaleTables = curve({
  name: 'scale-tables',
  title: 'scale-tables: cycles per packet against tables that it goes through',
  x: 'tables',
  flows: 1000,
  series: [{ name: 'tables', at: [1, 2, 4, 8, 16], peerUpTo: 16, work: tablesWork }],
});

const setFields: readonly ActionText[] = [
  { type: 'set_field', field: 'eth_dst', value: hopMac(1) },
  { type: 'set_field', field: 'eth_src', value: hopMac(2) },
  { type: 'dec_ttl' },
  { type: 'set_field', field: 'ipv4_src', value: '192.0.2.9' },
  { type: 'set_field', field: 'ip_dscp', value: 10 },
  { type: 'set_field', field: 'udp_src', value: 5000 },
  { type: 'set_field', field: 'udp_dst', value: 5001 },
  { type: 'set_field', field: 'ipv4_dst', value: '192.0.2.10' },
];

/** The rule matches what its actions need. */
const actionsWork = (count: number, flows: number): Work => {
  const work = oneRule(flows, [...setFields.slice(0, count), { type: 'output', port: 'sink' }]);
  const rules = work.rules.flows.map((flow) => ({ ...flow, match: { ...flow.match, ip_proto: 17 } }));
  return { ...work, rules: { flows: rules } };
};

export const scaleActions = curve({
  name: 'scale-actions',
  title: 'scale-actions: cycles per packet against actions of its rule',
  x: 'actions beside output',
  flows: 1000,
  series: [{ name: 'actions', at: [0, 1, 2, 3, 4, 6, 8], peerUpTo: 8, work: actionsWork }],
});

export const scaleSize = curve({
  name: 'scale-size',
  title: 'scale-size: cycles per packet against its size',
  x: 'bytes',
  flows: 1000,
  series: [
    {
      name: 'size',
      at: [60, 124, 252, 508, 1020, 1514],
      peerUpTo: 1514,
      work: (bytes, flows) => ({
        ...oneRule(0, forward()),
        sources: {
          source: Array.from({ length: flows }, (_, i) => ipv4Frame({ src: 0xc0a80001, dst: 0x0a000000 + i, bytes })),
        },
      }),
    },
  ],
});

/** Every source has the same share of the flows. */
export const scalePorts = curve({
  name: 'scale-ports',
  title: 'scale-ports: cycles per packet against source ports, all polled by one worker',
  x: 'source ports',
  flows: 1024,
  series: [
    {
      name: 'ports',
      at: [1, 2, 4, 8, 16],
      peerUpTo: 16,
      work: (ports, flows) => ({
        rules: { flows: [{ match: { eth_type: 0x0800, ipv4_dst: '10.0.0.0/8' }, actions: forward() }] },
        sources: Object.fromEntries(
          Array.from({ length: ports }, (_, i) => [`source${i}`, flowFrames(Math.max(1, Math.floor(flows / ports)))]),
        ),
      }),
    },
  ],
});
