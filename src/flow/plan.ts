import { VswitchError, type ErrorCode, type Fault } from '../model/errors.js';
import type { FlowOperation, FlowText } from '../model/flow.js';
import type { Owner } from '../model/ids.js';
import type { Entry } from './book.js';
import { diff, sameEffect } from './diff.js';
import type { FlowChange } from './installer.js';
import { isolationFaults } from './isolation.js';
import type { OwnedFlow } from './rules.js';
import { identityKey, parseFlow, parseIdentity } from './syntax/text.js';
import type { Reach, Topology } from './topology.js';

/** What a plan is made against: an owner's flows as they are, and what they may be. */
export interface Desk {
  readonly owner: Owner;
  readonly topology: Topology;
  readonly reach: Reach;
  /** The owner's flows by identityKey. */
  readonly book: ReadonlyMap<string, Entry>;
}

/** Faults by their kind; the graver one gives the error its code. */
class Findings {
  readonly #faults: { readonly code: ErrorCode; readonly fault: Fault }[] = [];

  add(code: ErrorCode, faults: readonly Fault[]): void {
    for (const fault of faults) this.#faults.push({ code, fault });
  }

  throwAny(): void {
    const codes = (['FLOW_INVALID', 'FLOW_ISOLATION', 'FLOW_NOT_FOUND'] as const).filter((code) =>
      this.#faults.some((found) => found.code === code),
    );
    const [code] = codes;
    if (!code) return;
    const faults = this.#faults.map(({ fault }) => fault);
    const message = faults.length === 1 ? (faults[0]?.message ?? '') : `${faults.length} faults in the flows`;
    throw new VswitchError(code, message, faults);
  }
}

/**
 * What makes `flows` the whole of the owner's set.
 * @throws VswitchError FLOW_INVALID or FLOW_ISOLATION with every fault; pointers begin with the flow's index.
 */
export function planReplace(desk: Desk, flows: readonly FlowText[]): FlowChange {
  const findings = new Findings();
  const wanted = new Map<string, { readonly flow: OwnedFlow; readonly pointer: string }>();
  flows.forEach((text, i) => {
    const pointer = `/${i}`;
    const flow = check(desk, text, pointer, findings);
    if (!flow) return;
    const key = identityKey(flow);
    const twin = wanted.get(key);
    if (twin) findings.add('FLOW_INVALID', [duplicate(pointer, text, twin.pointer)]);
    else wanted.set(key, { flow, pointer });
  });
  findings.throwAny();
  const { added, modified, removed } = diff(
    desk.book,
    wanted,
    ({ flow }) => flow,
    ({ flow }) => flow,
  );
  return { remove: removed, add: added, modify: modified.map(({ now, wanted: { flow } }) => ({ entry: now, flow })) };
}

/** What becomes of the flow with one identity in the course of a transaction. */
interface Fate {
  readonly entry: Entry | undefined;
  flow: OwnedFlow | undefined;
  /** Put there by an `add`: it takes a new id, and its counters start anew. */
  fresh: boolean;
  pointer: string;
}

/**
 * What the operations, done one after the other, come to.
 * @throws VswitchError FLOW_INVALID, FLOW_ISOLATION or FLOW_NOT_FOUND with every fault; pointers begin with the operation's index.
 */
export function planOperations(desk: Desk, operations: readonly FlowOperation[]): FlowChange {
  const findings = new Findings();
  const fates = new Map<string, Fate>();
  operations.forEach((operation, i) => {
    const pointer = `/${i}/flow`;
    const wanted = operation.op === 'delete' ? undefined : check(desk, operation.flow, pointer, findings);
    const identity = wanted ?? (operation.op === 'delete' ? checkIdentity(desk, operation.flow, pointer, findings) : undefined);
    if (!identity) return;
    const key = identityKey(identity);
    const entry = desk.book.get(key);
    const fate = fates.get(key) ?? { entry, flow: entry?.flow, fresh: false, pointer };
    if (operation.op !== 'add' && !fate.flow) {
      findings.add('FLOW_NOT_FOUND', [absent(pointer, operation.flow, operation.op)]);
      return;
    }
    fates.set(key, { entry, flow: wanted, fresh: operation.op === 'modify' ? fate.fresh : true, pointer });
  });
  findings.throwAny();
  return changeOf(fates.values());
}

function changeOf(fates: Iterable<Fate>): FlowChange {
  const remove: Entry[] = [];
  const add: { flow: OwnedFlow; pointer: string }[] = [];
  const modify: { entry: Entry; flow: OwnedFlow }[] = [];
  for (const { entry, flow, fresh, pointer } of fates) {
    if (entry && flow && !fresh) {
      if (!sameEffect(entry.flow, flow)) modify.push({ entry, flow });
      continue;
    }
    if (entry) remove.push(entry);
    if (flow) add.push({ flow, pointer });
  }
  return { remove, add, modify };
}

function check(desk: Desk, text: FlowText, pointer: string, findings: Findings): OwnedFlow | undefined {
  const { owner, topology, reach } = desk;
  const faults: Fault[] = [];
  const flow = parseFlow(text, topology, pointer, faults);
  findings.add('FLOW_INVALID', faults);
  if (!flow) return undefined;
  findings.add('FLOW_ISOLATION', isolationFaults(owner, flow, text, topology, reach, pointer));
  const { table, priority, match, actions, cookie } = flow;
  return { table, priority, match, actions, cookie, owner, band: owner.kind };
}

function checkIdentity({ topology }: Desk, text: Omit<FlowText, 'actions'>, pointer: string, findings: Findings) {
  const faults: Fault[] = [];
  const identity = parseIdentity(text, topology, pointer, faults);
  findings.add('FLOW_INVALID', faults);
  return faults.length === 0 ? identity : undefined;
}

const duplicate = (pointer: string, value: FlowText, first: string): Fault => ({
  pointer,
  value,
  message: `has the table, priority and match of flow ${first}`,
  remedy: 'leave one of them out, or give it another priority',
});

const absent = (pointer: string, value: unknown, op: string): Fault => ({
  pointer,
  value,
  message: `there is no flow with this table, priority and match to ${op}`,
  remedy: 'list the flows; a priority that is left out is 32768',
});
