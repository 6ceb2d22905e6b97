import type { PolicyEntry } from '../config/schema.js';
import { jsonPointer, type Fault } from '../model/errors.js';
import type { Topology } from './topology.js';

export const samePolicy = (a: readonly PolicyEntry[], b: readonly PolicyEntry[]): boolean =>
  a.length === b.length && a.every(({ from, to }, i) => from === b[i]?.from && to === b[i].to);

/** Entries that name no tenant, or the same one twice. */
export function policyFaults({ tenantByName }: Topology, policy: readonly PolicyEntry[], pointer = ''): Fault[] {
  return policy.flatMap((entry, i) => {
    const here = pointer + jsonPointer(i);
    const unknown = (['from', 'to'] as const)
      .filter((side) => !tenantByName.has(entry[side]))
      .map((side): Fault => {
        const names = [...tenantByName.keys()].join(', ');
        const remedy = names === '' ? 'the config has no tenants' : `there is ${names}`;
        return { pointer: here + jsonPointer(side), value: entry[side], message: `there is no tenant ${entry[side]}`, remedy };
      });
    if (entry.from !== entry.to) return unknown;
    const message = 'a tenant always reaches itself';
    return [...unknown, { pointer: here, value: entry, message, remedy: 'leave the entry out' }];
  });
}
