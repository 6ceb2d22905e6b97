import type { Fault } from '../model/errors.js';
import { bandOf, type FlowFilter, type FlowOperation, type FlowSelector, type FlowText } from '../model/flow.js';
import type { Owner } from '../model/ids.js';
import type { Source } from './draft.js';
import { everyAction } from './every-action.js';
import { isolationFaults } from './isolation.js';
import { referencesOfActions, uses } from './references.js';
import type { OwnedFlow } from './rules.js';
import { covers, overlap } from './select.js';
import { identityKey, parseCookie, parseFlow, parseIdentity, type FlowIdentity } from './syntax/text.js';
import { findPort } from './syntax/value.js';
import type { Workbench } from './workbench.js';

type Of<Op> = Extract<FlowOperation, { readonly op: Op; readonly flow: unknown }>;
type Test = (flow: OwnedFlow) => boolean;

/** A flow that the owner may have, or undefined after the faults were noted. */
export function checkFlow({ desk, findings }: Workbench, text: FlowText, pointer: string): OwnedFlow | undefined {
  const { owner, topology, reach } = desk;
  const faults: Fault[] = [];
  const flow = parseFlow(text, topology, pointer, faults);
  findings.add('FLOW_INVALID', faults);
  if (!flow) return undefined;
  findings.add('FLOW_INVALID', puntFaults(owner, text, pointer));
  findings.add('FLOW_ISOLATION', isolationFaults(owner, flow, text, topology, reach, pointer));
  const { table, priority, match, actions, cookie, idleTimeout, hardTimeout } = flow;
  return { table, priority, match, actions, cookie, idleTimeout, hardTimeout, owner, band: bandOf(owner) };
}

/** A plugin's handlers are its own. */
const puntFaults = (owner: Owner, { actions }: FlowText, pointer: string): Fault[] =>
  bandOf(owner) === 'plugin'
    ? []
    : actions.flatMap(({ type }, at) =>
        type === 'punt'
          ? [
              {
                pointer: `${pointer}/actions/${at}`,
                value: type,
                message: 'only a flow of a plugin can punt',
                remedy: 'see docs/plugins.md',
              },
            ]
          : [],
      );

export function addFlow(bench: Workbench, { flow: text, check_overlap: check }: Of<'add'>, at: string): void {
  const pointer = `${at}/flow`;
  const flow = checkFlow(bench, text, pointer);
  if (!flow) return;
  if (check === true) refuseOverlap(bench, flow, text, pointer);
  bench.flows.add(identityKey(flow), flow, sourceOf(text, pointer));
}

export function modifyFlows(bench: Workbench, operation: Of<'modify'>, at: string): void {
  const { flow: text, reset_counts: reset = false, cookie_mask: mask } = operation;
  const pointer = `${at}/flow`;
  const wanted = checkFlow(bench, text, pointer);
  const test = cookieTest(bench, operation, at);
  if (!wanted || !test) return;
  const source = sourceOf(text, pointer);
  const { actions, cookie } = wanted;
  const told = text.cookie === undefined || mask !== undefined ? { actions } : { actions, cookie };
  const next = actions.find((action) => action.type === 'goto_table')?.table;
  for (const [key, flow] of chosen(bench, operation, wanted, test, pointer)) {
    if (next !== undefined && next <= flow.table) bench.findings.add('FLOW_INVALID', [backwards(pointer, next, flow.table)]);
    bench.flows.modify(key, { ...flow, ...told }, source, reset);
  }
}

export function deleteFlows(bench: Workbench, operation: Of<'delete'>, at: string): void {
  const pointer = `${at}/flow`;
  const { topology } = bench.desk;
  const faults: Fault[] = [];
  const identity = parseIdentity(operation.flow, topology, pointer, faults);
  bench.findings.add('FLOW_INVALID', faults);
  const tests = [cookieTest(bench, operation, at), outputTest(bench, operation, at)];
  if (faults.length > 0) return;
  const test: Test = (flow) => tests.every((one) => one?.(flow) === true);
  for (const [key] of chosen(bench, operation, identity, test, pointer)) bench.flows.remove(key, pointer);
}

/** Where a flow was written, and what it names. */
export const sourceOf = ({ actions }: FlowText, pointer: string): Source => ({
  pointer,
  references: referencesOfActions(actions, `${pointer}/actions`),
});

/** The flows that a modify or delete concerns; strictly meant, there must be one. */
function chosen(
  { flows, findings }: Workbench,
  { op, flow: text, strict = true }: Of<'modify' | 'delete'>,
  identity: FlowIdentity,
  test: Test,
  pointer: string,
): (readonly [string, OwnedFlow])[] {
  if (strict) {
    const key = identityKey(identity);
    const flow = flows.get(key);
    if (flow && test(flow)) return [[key, flow]];
    findings.add('FLOW_NOT_FOUND', [absent(pointer, text, op)]);
    return [];
  }
  const { match } = identity;
  const there = ({ table }: OwnedFlow): boolean => text.table === undefined || table === text.table;
  return [...flows.entries()].filter(([, flow]) => there(flow) && covers(match, flow.match) && test(flow));
}

function refuseOverlap({ flows, findings }: Workbench, flow: OwnedFlow, text: FlowText, pointer: string): void {
  for (const [, other] of flows.entries()) {
    if (other.table !== flow.table || other.priority !== flow.priority || !overlap(other.match, flow.match)) continue;
    const which = 'id' in other ? `flow ${String(other.id)}` : 'a flow that this transaction adds';
    const message = `a packet could match this and ${which}, of the same priority (OFPFMFC_OVERLAP)`;
    const remedy = 'give one of them another priority, or leave check_overlap out';
    findings.add('FLOW_OVERLAP', [{ pointer, value: text, message, remedy }]);
    return;
  }
}

/** Whether a flow's cookie is the one that is asked for; undefined after a fault. */
function cookieTest({ findings }: Workbench, { flow, cookie_mask: written }: FlowFilter & { flow: FlowSelector }, at: string) {
  if (written === undefined) return (): boolean => true;
  const [mask, cookie] = findings.collect('FLOW_INVALID', (faults) => [
    parseCookie(written, 'cookie_mask', at, faults),
    parseCookie(flow.cookie ?? 0, 'cookie', `${at}/flow`, faults),
  ]);
  if (mask === undefined || cookie === undefined) return undefined;
  return (other: OwnedFlow): boolean => ((other.cookie ^ cookie) & mask) === 0n;
}

/** Whether a flow sends to the port and the group that are asked for; undefined after a fault. */
function outputTest({ desk, findings }: Workbench, { out_port: written, out_group: group }: Of<'delete'>, at: string) {
  const special = written === 'in_port' || written === 'flood' ? written : undefined;
  const found = written === undefined || special ? undefined : findPort(written, desk.topology);
  if (found?.ok === false) {
    findings.add('FLOW_INVALID', [{ pointer: `${at}/out_port`, value: written, ...found.fault }]);
    return undefined;
  }
  const port = special ?? found?.value;
  return ({ actions }: OwnedFlow): boolean =>
    (group === undefined || uses(actions, 'group', new Set([group]))) &&
    (port === undefined || [...everyAction(actions)].some(({ action }) => action.type === 'output' && action.port === port));
}

const backwards = (pointer: string, value: number, table: number): Fault => ({
  pointer: `${pointer}/actions`,
  value,
  message: `a flow of table ${table} cannot go to table ${value}`,
  remedy: 'name the table whose flows are meant',
});

const absent = (pointer: string, value: unknown, op: string): Fault => ({
  pointer,
  value,
  message: `there is no flow with this table, priority and match to ${op}`,
  remedy: 'list the flows; a priority that is left out is 32768',
});
