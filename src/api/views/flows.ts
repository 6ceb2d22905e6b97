import type { InstalledFlow } from '../../model/flow.js';
import type { ApiContext } from '../context.js';
import type { FlowListView, InstalledFlowView } from '../schemas/flows.js';

/** Flows as the API shows them: in the form in which they are written, with id, owner, band and counters beside. */
export function flowViews({ flows, textOf }: ApiContext, installed: readonly InstalledFlow[]): InstalledFlowView[] {
  const stats = flows.stats(installed.map((flow) => flow.id));
  return installed.map((flow, i) => {
    const { packets, bytes, durationMs } = stats[i] ?? { packets: 0n, bytes: 0n, durationMs: 0 };
    const { id, owner, band } = flow;
    return { id, owner, band, flow: textOf(flow), packets, bytes, durationMs: Math.floor(durationMs) };
  });
}

export const flowList = (context: ApiContext, installed: readonly InstalledFlow[]): FlowListView => ({
  generation: context.flows.generation,
  flows: flowViews(context, installed),
});
