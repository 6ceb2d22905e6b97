import { Type } from 'typebox';
import { faultsUnlessRight } from '../config/schema-faults.js';
import { flowSchema, groupSchema, meterSchema } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';
import type { FlowSet } from '../model/flow.js';

const flowSetSchema = Type.Object(
  {
    generation: Type.Optional(Type.Unknown({ description: 'of the list that it was' })),
    flows: Type.Array(flowSchema),
    groups: Type.Optional(Type.Array(groupSchema)),
    meters: Type.Optional(Type.Array(meterSchema)),
  },
  { additionalProperties: false },
);

/** What `flows list --json` prints can be given back: each entry has its flow inside. */
const flowIn = (entry: unknown): unknown => (typeof entry === 'object' && entry !== null && 'flow' in entry ? entry.flow : entry);

/**
 * A document of flows: an array, or `{"flows": [...], "groups"?: [...], "meters"?: [...]}`.
 * @throws VswitchError FLOW_INVALID with every fault in its shape.
 */
export function flowSetOf(document: unknown): FlowSet {
  const given = Array.isArray(document) ? { flows: document as unknown[] } : document;
  const value = hasFlows(given) ? { ...given, flows: given.flows.map(flowIn) } : given;
  const faults = faultsUnlessRight(flowSetSchema, value);
  if (faults.length > 0) throw new VswitchError('FLOW_INVALID', 'the flows have faults', faults);
  return value as FlowSet;
}

const hasFlows = (value: unknown): value is { flows: unknown[] } =>
  typeof value === 'object' && value !== null && 'flows' in value && Array.isArray(value.flows);
