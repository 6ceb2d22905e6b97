import { fc } from '@fast-check/ava';
import type { FlowText } from '../../src/model/flow.js';
import { parseFlow } from '../../src/flow/syntax/text.js';
import { withPorts } from '../../src/flow/topology.js';
import { flowWith } from './any-flow.js';
import { labTopology } from './topology.js';

/** The lab's ports, and one whose name is a number. */
export const oddTopology = withPorts(labTopology(), [
  ...labTopology().ports,
  ...labTopology()
    .ports.slice(0, 1)
    .map((port) => ({ ...port, number: 77 as typeof port.number, name: '3' as typeof port.name })),
]);
export const portNames = oddTopology.ports.map((port) => port.name as string);

/** Flows that the operator may install: a few of what flowWith makes hang on a header that an action before took away. */
export const flowText: fc.Arbitrary<FlowText> = flowWith(fc.constantFrom(...portNames)).filter(
  (text) => parseFlow(text, oddTopology, '', []) !== undefined,
);
