import type { InstalledFlow } from '../../model/flow.js';
import { formatFlow } from '../../flow/syntax/text.js';
import type { TracedFlows } from '../../replay/rivals.js';
import { traceOf } from '../../replay/trace.js';
import { packetOf, type TraceRequest } from '../../replay/traced-packet.js';
import type { DataPlane } from '../../switch/types.js';
import type { FlowService } from '../context.js';
import type { TraceView } from '../schemas/trace.js';
import { flowView, flowViews } from './flows.js';

type Flows = TracedFlows & Pick<FlowService, 'generation' | 'stats'>;

/**
 * Runs one packet through the program that the data plane has; nothing is sent or counted.
 * @throws VswitchError REQUEST_INVALID with pointers into the request.
 */
export async function traceView(request: TraceRequest, dataPlane: Pick<DataPlane, 'probe'>, flows: Flows): Promise<TraceView> {
  const packet = packetOf(request, flows.topology);
  const [result] = await dataPlane.probe([packet], true);
  if (!result) throw new RangeError('a probe of one packet has one result');
  const trace = traceOf(packet, result, flows);
  const context = { flows, textOf: (flow: InstalledFlow) => formatFlow(flow, flows.topology) };
  return {
    generation: flows.generation,
    ...trace,
    steps: trace.steps.map(({ table, flow, passedOver, outranked, ...step }) => ({
      table,
      flow: flow && flowView(context, flow),
      ...step,
      passedOver: passedOver.map(({ flow: other, ...why }) => ({ flow: flowView(context, other), ...why })),
      outranked: flowViews(context, outranked),
    })),
    out: [...trace.out],
    punted: [...trace.punted],
    drops: [...trace.drops],
  };
}
