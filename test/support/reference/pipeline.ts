import type { Action } from '../../../src/model/action.js';
import { maxResubmits } from '../../../src/model/drop.js';
import type { Flow } from '../../../src/model/flow.js';
import type { FieldName, Match } from '../../../src/model/match.js';
import { headersOf, isMalformed } from './headers.js';
import { endOf, runActions, runActionSet, type ActionSet } from './run.js';
import { Packet, type Outcome, type Program, type Run } from './state.js';

/**
 * OpenFlow 1.3.5, section 5, in the plainest words: a packet in, packets out. Says also which flow of each table it met, and why it or
 * a copy of it ended. Time, meters and the egress side (MTU, queues) are left out.
 */
export function interpret(program: Program, inPort: number, bytes: Uint8Array): Outcome {
  const outcome: Outcome = { out: [], steps: [], punted: [], drops: [], grown: 0 };
  const run: Run = { program, outcome, reads: headersOf(program, inPort) };
  if (bytes.length < 14) outcome.drops.push('runt_frame');
  else throughTables(run, new Packet(inPort, Uint8Array.from(bytes)));
  return outcome;
}

function throughTables(run: Run, packet: Packet): void {
  const set: ActionSet = new Map();
  let resubmits = 0;
  for (let table: number | undefined = 0; table !== undefined;) {
    packet.readAgain();
    if (isMalformed(packet.parsed, run.reads)) {
      endOf(run, packet, 'malformed_header');
      return;
    }
    const flow = lookUp(run.program, table, packet);
    run.outcome.steps.push({ table, flow, fields: packet.fields(), bytes: packet.bytes.slice() });
    if (!flow) {
      endOf(run, packet, 'table_miss');
      return;
    }
    const next = nextTable(flow.actions);
    if (!runActions(run, packet, flow.actions, next !== undefined || set.size > 0)) return;
    runInstructions(packet, set, flow.actions);
    if (flow.actions.some(({ type }) => type === 'resubmit') && ++resubmits > maxResubmits) {
      endOf(run, packet, 'resubmit_limit');
      return;
    }
    table = next;
  }
  runActionSet(run, packet, set);
}

/** The flow of the highest priority that matches; priorities that are equal leave it open which (section 5.3). */
function lookUp({ flows, pick }: Program, table: number, packet: Packet): Flow | undefined {
  const fields = packet.fields();
  const found = flows.filter((flow) => flow.table === table && matches(flow.match, fields));
  const highest = Math.max(...found.map(({ priority }) => priority));
  const best = found.filter(({ priority }) => priority === highest);
  return best.length > 1 ? best[pick?.(best.length, 'flow') ?? 0] : best[0];
}

function matches(match: Match, fields: ReadonlyMap<FieldName, bigint>): boolean {
  return [...match].every(([name, { value, mask, high }]) => {
    const bits = fields.get(name);
    if (bits === undefined) return false;
    return high === undefined ? (bits & mask) === value : bits >= value && bits <= high;
  });
}

const nextTable = (actions: readonly Action[]): number | undefined =>
  actions.find((action) => action.type === 'goto_table' || action.type === 'resubmit')?.table;

/** Section 5.9, in its order. */
function runInstructions(packet: Packet, set: ActionSet, actions: readonly Action[]): void {
  if (actions.some(({ type }) => type === 'clear_actions')) set.clear();
  for (const action of actions) {
    if (action.type === 'write_actions') for (const written of action.actions) set.set(placeInSet(written), written);
    if (action.type === 'write_metadata') packet.metadata = (packet.metadata & ~action.mask) | (action.value & action.mask);
  }
}

/** A set has one action of each type, and one for each field that it sets (section 5.10). */
const placeInSet = (action: Action): string => (action.type === 'set_field' ? `set_field ${action.field}` : action.type);
