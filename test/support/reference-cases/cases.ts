import fc from 'fast-check';
import { groupOf } from './groups.js';
import { actionsOf } from './lists.js';
import { kinds, matchOf, type Kind } from './matches.js';
import { groupIds } from './pools.js';
import { oneOfMany } from './many.js';
import { packetSpec } from './packets.js';
import type { PacketSpec } from './shapes.js';
import { manySteps, stepsOf, type FlowSpec, type Step } from './steps.js';
import { isFlow } from './valid.js';

/** Transactions, and the packets that are tried after each. */
export interface Case {
  readonly flows: readonly FlowSpec[];
  readonly steps: readonly Step[];
  readonly packets: readonly PacketSpec[];
}

const flowSpec = (kind: Kind, table: number): fc.Arbitrary<FlowSpec> =>
  fc
    .record({
      flow: fc.record({ table: fc.constant(table), priority: fc.nat(9), match: matchOf(kind, table) }),
      actions: fc.array(actionsOf(kind, table), { minLength: 1, maxLength: 2 }),
    })
    .filter(({ flow, actions }) => actions.every((list) => isFlow({ ...flow, actions: list })));

/** Neighbour discovery is read in most steps. */
const weightOf = (kind: Kind): number => (kind.icmpv6_type === undefined ? 1 : 3);

const anyFlowSpec = fc.oneof(
  ...kinds.map((kind) => ({ weight: 4 * weightOf(kind), arbitrary: flowSpec(kind, 0) })),
  ...kinds.map((kind) => ({ weight: weightOf(kind), arbitrary: flowSpec(kind, 1) })),
  ...kinds.map((kind) => ({ weight: weightOf(kind), arbitrary: flowSpec(kind, 63) })),
  // What comes to later tables is of every kind.
  { weight: 20, arbitrary: flowSpec({}, 1) },
  { weight: 10, arbitrary: flowSpec({}, 63) },
);

const groups = groupIds.map(groupOf);
const anyGroup = fc.oneof(...groups);
const allGroups = fc.tuple(...groups);

/** Flows have their place in the list as cookie. */
const numbered = (specs: readonly FlowSpec[]): FlowSpec[] =>
  specs.map((spec, i) => ({ ...spec, flow: { ...spec.flow, cookie: i + 1 } }));

/** Few now and then: with many almost every header is read. */
const flows = fc.oneof(
  { weight: 1, arbitrary: fc.array(anyFlowSpec, { minLength: 1, maxLength: 2 }) },
  { weight: 3, arbitrary: fc.array(anyFlowSpec, { minLength: 1, maxLength: 20 }) },
);

const plainCase: fc.Arbitrary<Case> = fc.record({
  flows: flows.map(numbered),
  steps: stepsOf(anyGroup, allGroups),
  packets: fc.array(packetSpec, { minLength: 1, maxLength: 10 }),
});

const fewFlows = fc.array(anyFlowSpec, { minLength: 1, maxLength: 3 });
const largeCase: fc.Arbitrary<Case> = fc.record({
  flows: fewFlows.map(numbered),
  steps: manySteps(allGroups),
  packets: fc.array(
    fc.record({ spec: packetSpec, many: oneOfMany }).map(({ spec, many }) => ({ ...spec, many })),
    { minLength: 1, maxLength: 20 },
  ),
});

export const anyCase = fc.oneof({ weight: 24, arbitrary: plainCase }, { weight: 1, arbitrary: largeCase });
