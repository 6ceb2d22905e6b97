import fc from 'fast-check';
import type { ActionText } from '../../../src/model/action.js';
import type { FlowText } from '../../../src/model/flow.js';
import type { GroupText } from '../../../src/model/group.js';
import { manyCount, someOf, type Some } from './many.js';
import { allPorts, groupIds } from './pools.js';

/** A flow of a case, with other actions that it may be given. */
export interface FlowSpec {
  readonly flow: Omit<FlowText, 'actions'>;
  readonly actions: readonly (readonly ActionText[])[];
}

/** The place of a flow: among those that are installed then, or in the case's own list; round again where it is too large. */
export interface Which {
  readonly installed: boolean;
  readonly at: number;
}

export type OperationSpec =
  | { readonly op: 'add'; readonly flow: number; readonly actions: number; readonly check: boolean }
  | { readonly op: 'modify'; readonly which: Which; readonly actions: number; readonly loose?: Loose | undefined }
  | { readonly op: 'delete'; readonly which: Which; readonly loose?: Loose | undefined; readonly out?: Out | undefined }
  | { readonly op: 'put_group'; readonly group: GroupText }
  | { readonly op: 'delete_group'; readonly group: number | 'all' };

/** Fields of the match that stay, the first ones, and whether the table does. */
export interface Loose {
  readonly fields: number;
  readonly anyTable: boolean;
}
type Out = { readonly out_port: string } | { readonly out_group: number };

/** A transaction. A whole set takes every flow of the list for which the bit is not set. */
export type Step =
  | {
      readonly replace: { readonly without: number; readonly actions: number; readonly groups: readonly GroupText[] | undefined };
    }
  | { readonly operations: readonly OperationSpec[] }
  | { readonly many: Many };

export interface Many {
  readonly add: Some | undefined;
  readonly remove: Some | undefined;
}

const which = fc.record({ installed: fc.integer({ min: 0, max: 3 }).map((n) => n > 0), at: fc.nat(15) });
const loose = fc.option(fc.record({ fields: fc.nat(3), anyTable: fc.boolean() }), { nil: undefined, freq: 2 });
const out: fc.Arbitrary<Out | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...allPorts).map((out_port) => ({ out_port })) },
  { weight: 1, arbitrary: fc.constantFrom(...groupIds).map((out_group) => ({ out_group })) },
);

const operation = (group: fc.Arbitrary<GroupText>): fc.Arbitrary<OperationSpec> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .record({ flow: fc.nat(15), actions: fc.nat(2), check: fc.integer({ min: 0, max: 9 }).map((n) => n === 1) })
        .map((spec) => ({ op: 'add' as const, ...spec })),
    },
    { weight: 3, arbitrary: fc.record({ which, actions: fc.nat(2), loose }).map((spec) => ({ op: 'modify' as const, ...spec })) },
    { weight: 3, arbitrary: fc.record({ which, loose, out }).map((spec) => ({ op: 'delete' as const, ...spec })) },
    { weight: 2, arbitrary: group.map((text) => ({ op: 'put_group' as const, group: text })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...groupIds, 'all' as const).map((id) => ({ op: 'delete_group' as const, group: id })),
    },
  );

/** Begins with a whole set, of most flows. */
export const stepsOf = (group: fc.Arbitrary<GroupText>, groups: fc.Arbitrary<readonly GroupText[]>): fc.Arbitrary<Step[]> => {
  const without = fc.tuple(fc.nat(0xfffff), fc.nat(0xfffff), fc.nat(0xfffff)).map(([a, b, c]) => a & b & c);
  const replace = (given: fc.Arbitrary<readonly GroupText[] | undefined>): fc.Arbitrary<Step> =>
    fc.record({ without, actions: fc.nat(2), groups: given }).map((value) => ({ replace: value }));
  const later = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.array(operation(group), { minLength: 1, maxLength: 3 }).map((operations): Step => ({ operations })),
    },
    { weight: 4, arbitrary: replace(fc.option(groups, { nil: undefined })) },
  );
  return fc.tuple(replace(groups), fc.array(later, { maxLength: 3 })).map(([first, rest]) => [first, ...rest]);
};

/** Begins with a whole set, and goes on with many flows that come and go. */
export const manySteps = (groups: fc.Arbitrary<readonly GroupText[]>): fc.Arbitrary<Step[]> => {
  const replace = groups.map((given): Step => ({ replace: { without: 0, actions: 0, groups: given } }));
  const many = fc
    .record({
      add: fc.option(someOf(manyCount), { nil: undefined, freq: 4 }),
      remove: fc.option(someOf(200), { nil: undefined, freq: 3 }),
    })
    .map((value): Step => ({ many: value }));
  return fc.tuple(replace, fc.array(many, { minLength: 1, maxLength: 6 })).map(([first, rest]) => [first, ...rest]);
};
