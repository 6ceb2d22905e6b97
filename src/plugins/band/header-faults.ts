import { everyAction } from '../../flow/every-action.js';
import type { ActionText } from '../../model/action.js';
import { jsonPointer, type Fault } from '../../model/errors.js';
import type { GroupText } from '../../model/group.js';
import { undeclared, type PluginHeader } from '../sdk/headers.js';
import type { HostRule } from './host-rule.js';

/** Which declarations let an action be done: any of them; it needs none where it is not listed. */
const byAction: Readonly<Partial<Record<string, readonly PluginHeader[]>>> = {
  dec_ttl: ['ipv4', 'ipv6'],
  set_nw_ttl: ['ipv4', 'ipv6'],
  arp_reply: ['arp'],
  nd_reply: ['neighbour'],
  icmp_reply: ['ipv4', 'ipv6'],
  push_vlan: ['vlan'],
  pop_vlan: ['vlan'],
  conntrack: ['ipv4', 'ipv6'],
};

/** Every match and action of a plugin that looks at a header which it does not declare. */
export function headerFaults(
  { rules, groups }: { readonly rules: readonly HostRule[]; readonly groups: readonly GroupText[] },
  declared: readonly PluginHeader[],
): Fault[] {
  const faults: Fault[] = [];
  const check = (what: string, pointer: string, any: readonly PluginHeader[] | undefined): void => {
    if (!any) return;
    const words = any.map((name) => `'${name}'`).join(' or ');
    faults.push({
      pointer,
      value: what,
      message: `${what} is in a header that the plugin does not declare`,
      remedy: `add ${words} to its headers`,
    });
  };
  const checkActions = (actions: readonly ActionText[], pointer: string): void => {
    for (const { action, pointer: here } of everyAction(actions, pointer)) {
      if (action.type === 'set_field') check(action.field, `${here}/field`, undeclared(action.field, declared));
      const any = byAction[action.type];
      if (any?.every((name) => !declared.includes(name))) check(action.type, here, any);
    }
  };
  rules.forEach(({ match = {}, actions }, i) => {
    const here = jsonPointer('rules', i);
    for (const field of Object.keys(match)) check(field, `${here}/match/${field}`, undeclared(field, declared));
    checkActions(actions as readonly ActionText[], `${here}/actions`);
  });
  groups.forEach(({ buckets }, i) =>
    buckets.forEach(({ actions }, j) => checkActions(actions, jsonPointer('groups', i, 'buckets', j, 'actions'))),
  );
  return faults;
}
