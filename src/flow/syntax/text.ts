import type { Fault } from '../../model/errors.js';
import { defaultPriority, type Flow, type FlowText } from '../../model/flow.js';
import type { Topology } from '../../model/topology.js';
import { formatAction, parseActions } from './action-text.js';
import { formatMatch, matchKey, parseMatch } from './match-text.js';

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
  const actions = parseActions(text.actions, match, topology, `${pointer}/actions`, faults);
  const cookie = parseCookie(text.cookie, pointer, faults);
  return faults.length === before ? { table, priority, match, actions, cookie } : undefined;
}

/** The part of a flow that a deletion names. */
export function parseIdentity(
  text: Omit<FlowText, 'actions'>,
  topology: Topology,
  pointer: string,
  faults: Fault[],
): FlowIdentity {
  const match = parseMatch(text.match ?? {}, topology, `${pointer}/match`, faults);
  return { table: text.table ?? 0, priority: text.priority ?? defaultPriority, match };
}

/** A flow as people write it, with the names that the ports have now. parseFlow gives the same flow again. */
export function formatFlow(flow: Flow, topology: Topology): FlowText {
  const { table, priority, match, actions, cookie } = flow;
  return {
    table,
    priority,
    match: formatMatch(match, topology),
    actions: actions.map((action) => formatAction(action, topology)),
    ...(cookie === 0n ? {} : { cookie: cookie <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(cookie) : `0x${cookie.toString(16)}` }),
  };
}

/** Equal exactly where table, priority and match are. */
export const identityKey = ({ table, priority, match }: FlowIdentity): string => `${table}/${priority}/${matchKey(match)}`;

const maxCookie = (1n << 64n) - 1n;

function parseCookie(written: number | string | undefined, pointer: string, faults: Fault[]): bigint {
  if (written === undefined) return 0n;
  const safe = typeof written === 'string' || Number.isSafeInteger(written);
  const cookie = safe ? BigInt(written) : -1n;
  if (cookie >= 0n && cookie <= maxCookie) return cookie;
  faults.push({
    pointer: `${pointer}/cookie`,
    value: written,
    message: safe ? 'a cookie has 64 bits' : 'a JSON number of this size is not exact',
    remedy: safe ? `give 0 to ${maxCookie}` : 'give it as a string',
  });
  return 0n;
}
