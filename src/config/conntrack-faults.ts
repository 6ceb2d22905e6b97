import { maxCtZone } from '../model/conntrack.js';
import type { Fault } from '../model/errors.js';
import type { ConfigParts } from './parts.js';

/** Entries that are kept for tenants but are not there, and zones that are none. */
export function conntrackFaults(parts: ConfigParts): Fault[] {
  const { ctEntries, tenants } = parts;
  const zones = tenants.flatMap(({ conntrack }) =>
    conntrack === undefined
      ? []
      : Object.keys(conntrack.value.zones ?? {})
          .filter((zone) => !isZone(zone))
          .map((zone): Fault => {
            const pointer = `${conntrack.pointer}/zones/${zone}`;
            return { pointer, value: zone, message: 'is no zone', remedy: `give a number, 0 to ${maxCtZone}` };
          }),
  );
  const given = tenants.flatMap(({ conntrack }) => conntrack?.value.entries ?? []);
  const kept = sum(given);
  const without = tenants.length - given.length;
  if (kept + without <= ctEntries) return zones;
  const rest = without === 0 ? '' : `, and ${without} more tenants need some`;
  const fault: Fault = {
    pointer: '/conntrack/entries',
    value: ctEntries,
    message: `limits.conntrack.entries of the tenants keep ${kept} entries${rest}`,
    remedy: `give at least ${kept + without}, or keep fewer`,
  };
  return [...zones, fault];
}

const isZone = (text: string): boolean => /^(0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= maxCtZone;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
