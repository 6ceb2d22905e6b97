import type { FlowOperation, FlowSelector, FlowSet, FlowText } from '../../../src/model/flow.js';
import { cookieOf, manyFlow, numbersOf } from './many.js';
import { wideMeter } from './pools.js';
import type { FlowSpec, Loose, Many, OperationSpec, Step, Which } from './steps.js';

/** What is there, for the operations that change it. */
export interface Present {
  readonly flows: readonly FlowText[];
  readonly groups: ReadonlySet<number>;
}

export type Transaction = { readonly set: FlowSet } | { readonly operations: readonly FlowOperation[] };

export function transactionOf(step: Step, specs: readonly FlowSpec[], present: Present): Transaction {
  if ('operations' in step) return { operations: step.operations.map((spec) => operationOf(spec, specs, present)) };
  if ('many' in step) return { operations: manyOperations(step.many, present) };
  const { without, actions, groups } = step.replace;
  const flows = specs.filter((_, i) => ((without >> i) & 1) === 0).map((spec) => flowOf(spec, actions));
  return { set: { flows, ...(groups && { groups, meters: [wideMeter] }) } };
}

/** Those that go, of those that are there, then those that come. */
function manyOperations({ add, remove }: Many, { flows }: Present): FlowOperation[] {
  const gone = new Set(remove ? numbersOf(remove).map((i) => cookieOf(remove.family, i)) : []);
  const leaving = flows.filter(({ cookie }) => gone.has(Number(cookie)));
  return [
    ...leaving.map((flow): FlowOperation => ({ op: 'delete', flow: identityOf(flow) })),
    ...(add ? numbersOf(add).map((i): FlowOperation => ({ op: 'add', flow: manyFlow(add.family, i) })) : []),
  ];
}

function flowOf({ flow, actions }: FlowSpec, variant: number): FlowText {
  return { ...flow, actions: actions[variant % actions.length]! };
}

function operationOf(spec: OperationSpec, specs: readonly FlowSpec[], present: Present): FlowOperation {
  switch (spec.op) {
    case 'add':
      return {
        op: 'add',
        flow: flowOf(specs[spec.flow % specs.length]!, spec.actions),
        ...(spec.check && { check_overlap: true }),
      };
    case 'modify': {
      // With its cookie it would be that of every flow it concerns.
      const flow = withoutCookie(loosened(chosen(spec.which, spec.actions, specs, present), spec.loose));
      return { op: 'modify', flow, ...(spec.loose && { strict: false }) };
    }
    case 'delete': {
      const flow = loosened(chosen(spec.which, 0, specs, present), spec.loose);
      return { op: 'delete', flow: identityOf(flow), ...(spec.loose && { strict: false }), ...spec.out };
    }
    case 'put_group':
      return { op: present.groups.has(spec.group.group) ? 'modify' : 'add', group: spec.group };
    case 'delete_group':
      return { op: 'delete', group: { group: spec.group } };
  }
}

/** Its cookie says which of the list an installed flow is. */
function chosen({ installed, at }: Which, variant: number, specs: readonly FlowSpec[], { flows }: Present): FlowText {
  const known = flows.filter(({ cookie }) => Number(cookie) <= specs.length);
  const there = installed ? known[at % Math.max(1, known.length)] : undefined;
  return flowOf(specs[there ? Number(there.cookie) - 1 : at % specs.length]!, variant);
}

function loosened({ table, match = {}, ...flow }: FlowText, loose: Loose | undefined): FlowText {
  if (!loose) return { ...flow, match, ...(table !== undefined && { table }) };
  const kept = Object.fromEntries(Object.entries(match).slice(0, loose.fields));
  return { ...flow, match: kept, ...(table !== undefined && !loose.anyTable && { table }) };
}

const withoutCookie = ({ cookie: _, ...flow }: FlowText): FlowText => flow;
const identityOf = ({ cookie: _, actions: __, ...identity }: FlowText): FlowSelector => identity;
