import type { Action, ConntrackAction } from '../../../src/model/action.js';
import type { DropReason } from '../../../src/model/drop.js';
import type { Group } from '../../../src/model/group.js';
import { change } from './actions.js';
import { Connections, translatedBits } from './conntrack.js';
import { hashOf } from './flow-hash.js';
import { liveBuckets } from './live.js';
import type { Packet, Run } from './state.js';
import { trackedOf } from './tracked.js';
import { translate } from './translate.js';
import { decap, encap } from './tunnel.js';

/** By type, or by type and field. */
export type ActionSet = Map<string, Action>;

/**
 * Does the actions of a list in its order, up to its instructions. False where the packet ends with one of them.
 * @param more whether it goes to another table then, or has an action set.
 */
export function runActions(run: Run, packet: Packet, actions: readonly Action[], more: boolean): boolean {
  for (const [i, action] of actions.entries()) {
    const isLast = !more && actions.slice(i + 1).every(({ type }) => unseen.includes(type));
    if (action.type === 'punt') {
      punt(run, action.handler);
      return false;
    }
    const fault = runAction(run, packet, action, isLast);
    run.outcome.grown = Math.max(run.outcome.grown, packet.grown);
    if (fault) {
      run.outcome.drops.push(fault);
      return false;
    }
    // What would be done to a packet that was sent for the last time, nobody sees.
    const sends = action.type === 'output' || action.type === 'group';
    if (sends && packet.sent && isLast) return true;
  }
  return true;
}

/** Actions that send nothing, and leave nothing to be done. */
const unseen: readonly Action['type'][] = [
  'set_field',
  'dec_ttl',
  'arp_reply',
  'nd_reply',
  'icmp_reply',
  'push_vlan',
  'pop_vlan',
  'encap',
  'decap',
];

/** Where nothing was done with the packet it is lost. */
export function endOf(run: Run, packet: Packet, reason: DropReason): void {
  if (!packet.sent) run.outcome.drops.push(reason);
}

/** Section 5.10: the order in which a set is done, whatever the order in which it was written. */
const order = ['decap', 'pop_vlan', 'push_vlan', 'dec_ttl', 'set_field', 'arp_reply', 'encap', 'mirror', 'group', 'output'];

export function runActionSet(run: Run, packet: Packet, set: ActionSet): void {
  if (set.has('group')) set.delete('output');
  const actions = [...set.values()].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  if (runActions(run, packet, actions, true)) endOf(run, packet, 'rule_drop');
}

/** Says why the packet ends, where it does. @param isLast whether nobody sees what is done to it afterwards. */
function runAction(run: Run, packet: Packet, action: Action, isLast: boolean): DropReason | undefined {
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
      runGroup(run, packet, action.group, isLast);
      return undefined;
    case 'meter':
    case 'goto_table':
    case 'resubmit':
    case 'write_metadata':
    case 'write_actions':
    case 'clear_actions':
      return undefined;
    case 'encap':
      return encap(packet, action);
    case 'decap':
      return decap(run, packet, action);
    case 'conntrack':
      return track(run, packet, action);
    default:
      return change(packet, action);
  }
}

/** Where nothing is kept, every connection is new. */
const noConnections = (): Connections => new Connections(() => undefined);

function track(run: Run, packet: Packet, action: ConntrackAction): DropReason | undefined {
  const tracked = trackedOf(packet.bytes, packet.parsed);
  const connections = run.program.connections ?? noConnections();
  const before = packet.connection;
  const { state, mark, to, drop } = connections.track(
    tracked,
    action,
    before.zone === action.zone ? before.state & translatedBits : 0,
  );
  if (drop) return drop;
  packet.connection = { state, zone: action.zone, mark };
  if (to) translate(packet, tracked, to);
  return undefined;
}

function punt({ program, outcome }: Run, handler: number): void {
  if (program.listens === true) outcome.punted.push(handler);
  else outcome.drops.push('no_plugin');
}

function output(run: Run, packet: Packet, port: number | 'in_port' | 'flood'): void {
  const others = run.program.ports.filter((other) => other !== packet.inPort);
  if (port === 'in_port') run.outcome.out.push({ port: packet.inPort, bytes: packet.bytes.slice() });
  else if (port !== 'flood') send(run, packet, port);
  else for (const other of others) send(run, packet, other);
  packet.sent ||= port !== 'flood' || others.length > 0;
}

/** Section 5.12: back to where it came from only by IN_PORT. */
function send({ program, outcome }: Run, packet: Packet, port: number, maxBytes = 0): void {
  if (port === packet.inPort) outcome.drops.push('output_is_ingress');
  else if (!program.ports.includes(port)) outcome.drops.push('output_port_gone');
  else outcome.out.push({ port, bytes: packet.bytes.slice(0, maxBytes === 0 ? undefined : maxBytes) });
}

/** Section 5.6.1. Buckets work on copies, each of which may be lost; the last copy may be the packet itself. */
function runGroup(run: Run, packet: Packet, number: number, isLast: boolean): void {
  const group = run.program.groups.find((candidate) => candidate.group === number);
  if (!group) throw new RangeError(`no group ${number}`);
  packet.sent = true;
  const chosen = bucketsOf(run, packet, group);
  if (chosen.length === 0) run.outcome.drops.push('no_live_bucket');
  for (const [nth, i] of chosen.entries()) {
    const copy = packet.copy(isLast && nth + 1 === chosen.length);
    if (runActions(run, copy, group.buckets[i]!.actions, false)) endOf(run, copy, 'rule_drop');
  }
}

/** All buckets of `all` and `indirect` are done, alive or not; `select` has no use for a weight of 0. */
function bucketsOf({ program }: Run, packet: Packet, group: Group): readonly number[] {
  const live = liveBuckets(program, group);
  if (group.type === 'ff') return live.slice(0, 1);
  if (group.type !== 'select') return [...group.buckets.keys()];
  const alive = live.filter((i) => group.buckets[i]!.weight > 0);
  if (alive.length === 0) return [];
  const what = { group, alive, flow: hashOf(packet.parsed.fields, group.hash) };
  return [alive[program.pick?.(alive.length, what) ?? 0]!];
}
