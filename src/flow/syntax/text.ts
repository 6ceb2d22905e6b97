import type { Fault } from '../../model/errors.js';
import { defaultPriority, type Flow, type FlowText } from '../../model/flow.js';
import { packMatch } from '../../model/packed-match.js';
import type { Topology } from '../../model/topology.js';
import { formatActions } from './action-format.js';
import { parseActions } from './action-text.js';
import { knownOf, nothingKnown } from './known.js';
import { formatMatch, parseMatch } from './match-text.js';
import { formatNumber, parseNumber } from './value.js';

/** What tells a flow from the others of its owner (OpenFlow 1.3, section 6.4). */
export type FlowIdentity = Pick<Flow, 'table' | 'priority' | 'match'>;

/**
 * A flow in canonical form, or undefined after adding to `faults`.
 * @param text as its schema (config/schema.ts) allows; meaning is checked here: ports, values, prerequisites.
 * @param pointer of the flow in its document.
 */
export function parseFlow(text: FlowText, topology: Topology, pointer: string, faults: Fault[]): Flow | undefined {
  const before = faults.length;
  const { table, priority, match } = parseIdentity(text, topology, pointer, faults);
  // Where the match has faults, what it says of the packets is not known.
  const known = faults.length === before ? knownOf(match) : nothingKnown;
  const actions = parseActions(text.actions, known, table, topology, `${pointer}/actions`, faults);
  const cookie = parseCookie(text.cookie, 'cookie', pointer, faults) ?? 0n;
  const { idle_timeout: idleTimeout = 0, hard_timeout: hardTimeout = 0 } = text;
  return faults.length === before ? { table, priority, match, actions, cookie, idleTimeout, hardTimeout } : undefined;
}

/** The part of a flow that a deletion names. */
export function parseIdentity(
  text: Omit<FlowText, 'actions'>,
  topology: Topology,
  pointer: string,
  faults: Fault[],
): FlowIdentity {
  const { table = 0, priority = defaultPriority } = text;
  return { table, priority, match: parseMatch(text.match ?? {}, topology, `${pointer}/match`, faults, { table, priority }) };
}

/** A flow as people write it, with the names that the ports have now. parseFlow gives the same flow again. */
export function formatFlow(flow: Flow, topology: Topology): FlowText {
  const { table, priority, match, actions, cookie, idleTimeout, hardTimeout } = flow;
  return {
    table,
    priority,
    match: formatMatch(match, topology),
    actions: formatActions(actions, topology),
    ...(cookie === 0n ? {} : { cookie: formatNumber(cookie) }),
    ...(idleTimeout === 0 ? {} : { idle_timeout: idleTimeout }),
    ...(hardTimeout === 0 ? {} : { hard_timeout: hardTimeout }),
  };
}

/** Equal exactly where table, priority and match are. */
export const identityKey = ({ table, priority, match }: FlowIdentity): string => packMatch(match, table, priority).key;

/** A cookie or a mask of cookies; undefined where it is left out, or after adding to `faults`. */
export function parseCookie(
  written: number | string | undefined,
  property: 'cookie' | 'cookie_mask',
  pointer: string,
  faults: Fault[],
): bigint | undefined {
  if (written === undefined) return undefined;
  const cookie = parseNumber(written, 64);
  if (cookie.ok) return cookie.value;
  faults.push({ pointer: `${pointer}/${property}`, value: written, ...cookie.fault });
  return undefined;
}
