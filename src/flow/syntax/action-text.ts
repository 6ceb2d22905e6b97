import { formatMac, isGroupMac, parseMac } from '../../model/address.js';
import type { Action, ActionText } from '../../model/action.js';
import type { Fault } from '../../model/errors.js';
import { portNumber } from '../../model/ids.js';
import { fieldOf, fullMask, type Match } from '../../model/match.js';
import type { Topology } from '../../model/topology.js';
import { findPort, parseField, parsed, refused, type Parsed } from './value.js';

/** OpenFlow's reserved port: back to where the packet came from. */
export const inPort = 'in_port';

/** What no list of actions can be empty of. */
export const dropAction: Action = { type: 'drop', reason: 'rule_drop' };

/**
 * Actions in canonical form; an empty list is a drop. Faults are added to `faults`; what is wrong is left out of the result.
 * @param match of the same flow, for the actions' prerequisites.
 * @param pointer of the list in its document.
 */
export function parseActions(
  texts: readonly ActionText[],
  match: Match,
  topology: Topology,
  pointer: string,
  faults: Fault[],
): readonly Action[] {
  if (texts.length === 0) return [dropAction];
  const actions: Action[] = [];
  texts.forEach((text, i) => {
    const action = parseAction(text, topology);
    if (!action.ok) {
      faults.push({ pointer: `${pointer}/${i}/${action.at}`, value: action.value, ...action.fault });
      return;
    }
    actions.push(action.action);
    const needs = prerequisite(text, match);
    if (needs) faults.push({ pointer: `${pointer}/${i}`, value: text.type, ...needs });
    if (text.type === 'drop' && texts.length > 1)
      faults.push({
        pointer: `${pointer}/${i}`,
        value: 'drop',
        message: 'a drop is not alone',
        remedy: 'leave the other actions out, or the drop',
      });
  });
  return actions;
}

type ParsedAction =
  | { readonly ok: true; readonly action: Action }
  | { readonly ok: false; readonly at: string; readonly value: unknown; readonly fault: { message: string; remedy: string } };

function parseAction(text: ActionText, topology: Topology): ParsedAction {
  switch (text.type) {
    case 'output': {
      if (text.port === inPort && !topology.portByName.has(inPort))
        return { ok: true, action: { type: 'output', port: 'in_port' } };
      const port = findPort(text.port, topology);
      if (!port.ok) return { ok: false, at: 'port', value: text.port, fault: port.fault };
      return { ok: true, action: { type: 'output', port: portNumber(port.value) } };
    }
    case 'drop':
      return { ok: true, action: { type: 'drop', reason: text.reason ?? 'rule_drop' } };
    case 'set_field': {
      const value = settableValue(text, topology);
      if (!value.ok) return { ok: false, at: 'value', value: text.value, fault: value.fault };
      return { ok: true, action: { type: 'set_field', field: text.field, value: value.value } };
    }
    case 'dec_ttl':
      return { ok: true, action: { type: 'dec_ttl' } };
    case 'arp_reply': {
      const mac = parseMac(text.mac);
      if (mac !== undefined && !isGroupMac(mac)) return { ok: true, action: { type: 'arp_reply', mac } };
      const fault = { message: 'is no MAC address of one port', remedy: 'give one as `02:00:00:00:00:01`' };
      return { ok: false, at: 'mac', value: text.mac, fault };
    }
  }
}

function settableValue({ field, value }: Extract<ActionText, { type: 'set_field' }>, topology: Topology): Parsed<bigint> {
  const found = parseField(field, value, topology);
  if (!found.ok) return found;
  const { bits } = fieldOf(field).spec;
  return found.value.mask === fullMask(bits)
    ? parsed(found.value.value)
    : refused('a field is set as a whole', 'leave the mask out');
}

/** What an action asks of the match, as OpenFlow does for set-field and dec_ttl. */
function prerequisite({ type }: ActionText, match: Match): { message: string; remedy: string } | undefined {
  const ethType = match.get('eth_type')?.value;
  if (type === 'dec_ttl' && ethType !== 0x0800n && ethType !== 0x86ddn)
    return { message: 'only IP packets have a TTL', remedy: 'match "eth_type": 2048 (IPv4) or 34525 (IPv6)' };
  if (type === 'arp_reply' && (ethType !== 0x0806n || match.get('arp_op')?.value !== 1n))
    return { message: 'only an ARP request can be answered', remedy: 'match "eth_type": 2054 and "arp_op": 1' };
  return undefined;
}

/** As people write it. */
export function formatAction(action: Action, topology: Topology): ActionText {
  switch (action.type) {
    case 'output':
      return {
        type: 'output',
        port: action.port === 'in_port' ? inPort : (topology.portByNumber.get(action.port)?.name ?? action.port),
      };
    case 'drop':
      return action.reason === 'rule_drop' ? { type: 'drop' } : { type: 'drop', reason: action.reason };
    case 'set_field':
      return { type: 'set_field', field: action.field, value: formatMac(action.value) };
    case 'dec_ttl':
      return { type: 'dec_ttl' };
    case 'arp_reply':
      return { type: 'arp_reply', mac: formatMac(action.mac) };
  }
}

/** The canonical text of a list of actions, equal exactly where the lists are. */
export const actionsKey = (actions: readonly Action[]): string => actions.map(actionKey).join(',');

function actionKey(action: Action): string {
  switch (action.type) {
    case 'output':
      return `output:${action.port}`;
    case 'drop':
      return `drop:${action.reason}`;
    case 'set_field':
      return `${action.field}:${action.value.toString(16)}`;
    case 'dec_ttl':
      return 'dec_ttl';
    case 'arp_reply':
      return `arp_reply:${action.mac.toString(16)}`;
  }
}
