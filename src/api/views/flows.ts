import type { FlowStats, InstalledFlow } from '../../model/flow.js';
import type { ApiContext, FlowService } from '../context.js';
import type { FlowListView, InstalledFlowView } from '../schemas/flows.js';

interface FlowContext extends Pick<ApiContext, 'textOf'> {
  readonly flows: Pick<FlowService, 'stats'>;
}

/** Flows as the API shows them: in the form in which they are written, with id, owner, band and counters beside. */
export function flowViews({ flows, textOf }: FlowContext, installed: readonly InstalledFlow[]): InstalledFlowView[] {
  const stats = flows.stats(installed.map((flow) => flow.id));
  return installed.map((flow, i) => viewOf(flow, textOf, stats[i]));
}

/** The same of one. */
export const flowView = ({ flows, textOf }: FlowContext, flow: InstalledFlow): InstalledFlowView =>
  viewOf(flow, textOf, flows.stats([flow.id])[0]);

function viewOf(flow: InstalledFlow, textOf: ApiContext['textOf'], stats: FlowStats | undefined): InstalledFlowView {
  const { id, owner, band } = flow;
  const { packets, bytes, durationMs } = stats ?? { packets: 0n, bytes: 0n, durationMs: 0 };
  return { id, owner, band, flow: textOf(flow), packets, bytes, durationMs: Math.floor(durationMs) };
}

export const flowList = (context: ApiContext, installed: readonly InstalledFlow[]): FlowListView => ({
  generation: context.flows.generation,
  flows: flowViews(context, installed),
});
