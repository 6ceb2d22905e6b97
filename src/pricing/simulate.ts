import { VswitchError } from '../model/errors.js';
import type { TariffBook } from '../model/tariff.js';
import { bookFrom, type BookConfig } from './tariff.js';

/**
 * A book for asking what its prices would have cost: the newest version of each tariff, as if it had always been in force.
 * @param only the one tariff that every tenant has; undefined: as the book says.
 * @throws VswitchError TARIFF_NOT_FOUND
 */
export function asIfAlways({ currency, tariffs, tenants }: BookConfig, only?: string): TariffBook {
  const newest = new Map(tariffs.map(({ effectiveFrom: _, ...tariff }) => [tariff.name, tariff]));
  if (only === undefined) return bookFrom({ currency, tariffs: [...newest.values()], tenants });
  const chosen = newest.get(only);
  if (chosen) return bookFrom({ currency, tariffs: [chosen], tenants: {} });
  const message = `there is no tariff ${only}`;
  const remedy = `there is ${[...newest.keys()].join(', ')}`;
  throw new VswitchError('TARIFF_NOT_FOUND', message, [{ pointer: '', value: only, message, remedy }]);
}
