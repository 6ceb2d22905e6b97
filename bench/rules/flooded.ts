import type { ActionText } from '../../src/model/action.js';
import type { RuleSet } from '../subject.js';
import { forward } from './actions.js';
import { ctZone } from './connections.js';

const client = '192.168.0.1';
const commit: ActionText = { type: 'conntrack', zone: ctZone, commit: true };

/** For the generator's traffic, which comes by one port: its flood makes connections and goes no further. */
export const floodedGroup: RuleSet = {
  flows: [
    {
      priority: 10,
      match: { eth_type: 0x0800, ct_state: '-trk' },
      actions: [
        { type: 'conntrack', zone: ctZone },
        { type: 'goto_table', table: 1 },
      ],
    },
    {
      table: 1,
      priority: 30,
      match: { eth_type: 0x0800, ct_state: '+trk+new', ip_proto: 17, ipv4_src: client, udp_dst: 2000 },
      actions: [commit, ...forward()],
    },
    {
      table: 1,
      priority: 30,
      match: { eth_type: 0x0800, ct_state: '+trk+new', ip_proto: 17, ipv4_src: client, udp_dst: 2001 },
      actions: [commit],
    },
    { table: 1, priority: 20, match: { eth_type: 0x0800, ct_state: '+trk+est' }, actions: forward() },
    { table: 1, priority: 1, actions: [{ type: 'drop' }] },
  ],
  // Half of them may be half-open.
  conntrack: { entries: 65_536, timeoutMs: 60_000 },
};
