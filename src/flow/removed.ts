import type { FlowRemoved } from '../model/event.js';
import type { Topology } from '../model/topology.js';
import type { RemovedFlow } from './flow-table.js';
import { formatMatch } from './syntax/match-text.js';

/** The event that tells of it. */
export const flowRemoved = ({ flow, stats, reason }: RemovedFlow, topology: Topology): FlowRemoved => ({
  type: 'flow_removed',
  reason,
  id: flow.id,
  owner: flow.owner,
  table: flow.table,
  priority: flow.priority,
  match: formatMatch(flow.match, topology),
  cookie: flow.cookie,
  packets: stats.packets,
  bytes: stats.bytes,
  durationMs: Math.floor(stats.durationMs),
});
