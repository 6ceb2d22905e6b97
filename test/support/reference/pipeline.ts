import type { Action } from '../../../src/model/action.js';
import type { Flow } from '../../../src/model/flow.js';
import type { Match } from '../../../src/model/match.js';
import { headersOf } from './headers.js';
import { runActions, runActionSet, type ActionSet, type Run } from './run.js';
import { Packet, type Outcome, type Program } from './state.js';

/**
 * OpenFlow 1.3.5, section 5, in the plainest words: a packet in, packets out. Says also which flow of each table it met, and why it or
 * a copy of it ended. Time, meters and the egress side (MTU, queues) are left out.
 */
export function interpret(program: Program, inPort: number, bytes: Uint8Array): Outcome {
  const outcome: Outcome = { out: [], steps: [], drops: [] };
  if (bytes.length < 14) {
    outcome.drops.push('runt_frame');
    return outcome;
  }
  const run: Run = { program, outcome, reads: headersOf(program) };
  throughTables(run, new Packet(inPort, Uint8Array.from(bytes)));
  if (outcome.out.length === 0 && outcome.drops.length === 0) outcome.drops.push('rule_drop');
  return outcome;
}

function throughTables(run: Run, packet: Packet): void {
  const set: ActionSet = new Map();
  for (let table: number | undefined = 0; table !== undefined;) {
    packet.readAgain();
    const { broken } = packet.parsed;
    if (broken && run.reads.has(broken)) {
      run.outcome.drops.push('malformed_header');
      return;
    }
    const flow = lookUp(run.program.flows, table, packet);
    run.outcome.steps.push({ table, flow, fields: packet.fields(), bytes: packet.bytes.slice() });
    if (!flow) {
      run.outcome.drops.push('table_miss');
      return;
    }
    if (!runActions(run, packet, flow.actions)) return;
    table = runInstructions(packet, set, flow.actions);
  }
  runActionSet(run, packet, set);
}

/** The flow of the highest priority that matches; priorities that are equal leave it open which (section 5.3), here the first. */
function lookUp(flows: readonly Flow[], table: number, packet: Packet): Flow | undefined {
  const found = flows.filter((flow) => flow.table === table && matches(flow.match, packet));
  return found.reduce<Flow | undefined>((best, flow) => (best && best.priority >= flow.priority ? best : flow), undefined);
}

function matches(match: Match, packet: Packet): boolean {
  const fields = packet.fields();
  return [...match].every(([name, { value, mask, high }]) => {
    const bits = fields.get(name);
    if (bits === undefined) return false;
    return high === undefined ? (bits & mask) === value : bits >= value && bits <= high;
  });
}

/** Section 5.9, in its order. Returns the next table. */
function runInstructions(packet: Packet, set: ActionSet, actions: readonly Action[]): number | undefined {
  let next: number | undefined;
  if (actions.some(({ type }) => type === 'clear_actions')) set.clear();
  for (const action of actions) {
    if (action.type === 'write_actions') for (const written of action.actions) set.set(placeInSet(written), written);
    if (action.type === 'write_metadata') packet.metadata = (packet.metadata & ~action.mask) | (action.value & action.mask);
    if (action.type === 'goto_table') next = action.table;
  }
  return next;
}

/** A set has one action of each type, and one for each field that it sets (section 5.10). */
const placeInSet = (action: Action): string => (action.type === 'set_field' ? `set_field ${action.field}` : action.type);
