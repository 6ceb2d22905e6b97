import { forwarding } from '../forwarding.js';
import { forward } from '../rules/actions.js';
import { oneRule } from '../rules/one.js';

/** `p2p` as a router does it. */
export const ttl = forwarding({
  name: 'ttl',
  title: 'ttl: in_port, ipv4_dst → dec_ttl, set eth_src, set eth_dst, output',
  flows: 1000,
  work: (flows) => oneRule(flows, [{ type: 'dec_ttl' }, ...forward()]),
});

/** A tag is put on and filled in. */
export const vlan = forwarding({
  name: 'vlan',
  title: 'vlan: in_port, ipv4_dst → push_vlan, set vlan_vid, output',
  flows: 1000,
  work: (flows) =>
    oneRule(flows, [
      { type: 'push_vlan' },
      { type: 'set_field', field: 'vlan_vid', value: 100 },
      { type: 'output', port: 'sink' },
    ]),
});

/** A meter that has to count and never drops. */
export const meter = forwarding({
  name: 'meter',
  title: 'meter: in_port, ipv4_dst → meter of 1 G packets/s, set eth_src, set eth_dst, output',
  flows: 1000,
  work: (flows) =>
    oneRule(flows, [{ type: 'meter', meter: 1 }, ...forward()], {
      meters: [{ meter: 1, unit: 'pktps', bands: [{ type: 'drop', rate: 1_000_000_000 }] }],
    }),
});
