import type { Action, DropReason } from '../../../src/model/action.js';
import type { HeaderName } from '../../../src/model/header.js';
import { change } from './actions.js';
import { liveBuckets } from './live.js';
import type { Outcome, Packet, Program } from './state.js';

export interface Run {
  readonly program: Program;
  readonly outcome: Outcome;
  /** Headers that any flow needs: where one of them is broken, the packet ends. */
  readonly reads: ReadonlySet<HeaderName>;
}

/** By type, or by type and field. */
export type ActionSet = Map<string, Action>;

/** Does the actions of a list in its order, up to its instructions. False where the packet ends with one of them. */
export function runActions(run: Run, packet: Packet, actions: readonly Action[]): boolean {
  for (const action of actions) {
    const fault = runAction(run, packet, action);
    if (!fault) continue;
    run.outcome.drops.push(fault);
    return false;
  }
  return true;
}

/** Section 5.10: the order in which a set is done, whatever the order in which it was written. */
const order = ['decap', 'pop_vlan', 'push_vlan', 'dec_ttl', 'set_field', 'arp_reply', 'encap', 'mirror', 'group', 'output'];

export function runActionSet(run: Run, packet: Packet, set: ActionSet): void {
  if (set.has('group')) set.delete('output');
  const actions = [...set.values()].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  runActions(run, packet, actions);
}

/** Says why the packet ends, where it does. */
function runAction(run: Run, packet: Packet, action: Action): DropReason | undefined {
  switch (action.type) {
    case 'output':
      output(run, packet, action.port);
      return undefined;
    case 'mirror':
      send(run, packet, action.port, action.maxBytes);
      return undefined;
    case 'drop':
      return action.reason;
    case 'group':
      runGroup(run, packet, action.group);
      return undefined;
    case 'meter':
    case 'goto_table':
    case 'write_metadata':
    case 'write_actions':
    case 'clear_actions':
      return undefined;
    default:
      return change(packet, action);
  }
}

function output(run: Run, packet: Packet, port: number | 'in_port' | 'flood'): void {
  if (port === 'in_port') run.outcome.out.push({ port: packet.inPort, bytes: packet.bytes.slice() });
  else if (port !== 'flood') send(run, packet, port);
  else for (const other of run.program.ports) if (other !== packet.inPort) send(run, packet, other);
}

/** Section 5.12: back to where it came from only by IN_PORT. */
function send({ program, outcome }: Run, packet: Packet, port: number, maxBytes = 0): void {
  if (port === packet.inPort) outcome.drops.push('output_is_ingress');
  else if (!program.ports.includes(port)) outcome.drops.push('output_port_gone');
  else outcome.out.push({ port, bytes: packet.bytes.slice(0, maxBytes === 0 ? undefined : maxBytes) });
}

/** Section 5.6.1. Buckets work on copies. */
function runGroup(run: Run, packet: Packet, number: number): void {
  const group = run.program.groups.find((candidate) => candidate.group === number);
  if (!group) throw new RangeError(`no group ${number}`);
  const alive = liveBuckets(run.program, group);
  // All buckets of `all` and `indirect` are done, alive or not; `select` has no use for a weight of 0.
  const weighted = alive.filter((i) => group.buckets[i]!.weight > 0);
  const chosen =
    group.type === 'ff'
      ? alive.slice(0, 1)
      : group.type === 'select'
        ? weighted.slice(0, 1).map((first) => run.program.choose?.(group, weighted) ?? first)
        : group.buckets.keys();
  let none = group.type === 'ff' || group.type === 'select';
  for (const i of chosen) {
    none = false;
    runActions(run, packet.copy(), group.buckets[i]!.actions);
  }
  if (none) run.outcome.drops.push('no_live_bucket');
}
