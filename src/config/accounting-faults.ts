import type { Fault } from '../model/errors.js';
import type { ConfigParts } from './parts.js';

/** An export without a ledger that remembers how far it is, and addresses that are none. */
export function accountingFaults({ accounting }: Pick<ConfigParts, 'accounting'>): Fault[] {
  const exported = accounting?.value.export;
  if (!accounting || !exported) return [];
  const { pointer, value } = accounting;
  const faults: Fault[] = [];
  if (value.ledger === false)
    faults.push({
      pointer: `${pointer}/export`,
      value: exported.url,
      message: 'there is no ledger to export',
      remedy: 'leave accounting.ledger out, or say where it is',
    });
  if (!URL.canParse(exported.url))
    faults.push({
      pointer: `${pointer}/export/url`,
      value: exported.url,
      message: 'is no URL',
      remedy: 'give one like http://openmeter:8888/api/v1/events',
    });
  return faults;
}
