import type { FlowOperation, FlowSet } from '../model/flow.js';
import type { FlowChange } from './change.js';
import { addFlow, checkFlow, deleteFlows, modifyFlows, sourceOf } from './plan-flows.js';
import { groups, meters, replaceStock, runStock } from './plan-stock.js';
import { ScannedAdds } from './scanned-adds.js';
import { identityKey } from './syntax/text.js';
import { Workbench, type Desk } from './workbench.js';

/**
 * What makes `set` the owner's. Groups and meters that it leaves out stay.
 * @throws VswitchError with every fault; pointers are those of the set.
 */
export function planReplace(desk: Desk, set: FlowSet): FlowChange {
  const bench = new Workbench(desk);
  if (set.meters) replaceStock(bench, meters(bench), set.meters, '/meters');
  if (set.groups) replaceStock(bench, groups(bench), set.groups, '/groups');
  set.flows.forEach((text, i) => {
    const pointer = `/flows/${i}`;
    const flow = checkFlow(bench, text, pointer);
    if (!flow) return;
    const key = identityKey(flow);
    const twin = bench.flows.fates.get(key);
    if (twin?.value) {
      const message = `has the table, priority and match of flow ${twin.pointer}`;
      const remedy = 'leave one of them out, or give it another priority';
      bench.findings.add('FLOW_INVALID', [{ pointer, value: text, message, remedy }]);
      return;
    }
    const source = sourceOf(text, pointer);
    if (desk.flows.has(key)) bench.flows.modify(key, flow, source);
    else bench.flows.add(key, flow, source);
  });
  for (const key of desk.flows.keys()) if (!bench.flows.fates.get(key)?.value) bench.flows.remove(key, '');
  return bench.finish();
}

/**
 * What the operations, done one after the other, come to. What they name is looked for when all are done.
 * @throws VswitchError with every fault; pointers begin with the operation's index.
 */
export function planOperations(desk: Desk, operations: readonly FlowOperation[] | ScannedAdds): FlowChange {
  const bench = new Workbench(desk);
  if (!(operations instanceof ScannedAdds)) operations.forEach((operation, i) => run(bench, operation, `/${i}`));
  else if (operations.isFor(desk))
    operations.flows.forEach((flow, i) => bench.flows.add(identityKey(flow), flow, { pointer: `/${i}/flow` }));
  else return planOperations(desk, operations.texts());
  return bench.finish();
}

function run(bench: Workbench, operation: FlowOperation, pointer: string): void {
  if ('group' in operation) runStock(bench, groups(bench), operation.op, operation.group, `${pointer}/group`);
  else if ('meter' in operation) runStock(bench, meters(bench), operation.op, operation.meter, `${pointer}/meter`);
  else if (operation.op === 'add') addFlow(bench, operation, pointer);
  else if (operation.op === 'modify') modifyFlows(bench, operation, pointer);
  else deleteFlows(bench, operation, pointer);
}
