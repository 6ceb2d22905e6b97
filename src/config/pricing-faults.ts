import type { Fault } from '../model/errors.js';
import { jsonPointer } from '../model/errors.js';
import { nearest } from './nearest.js';
import type { Part } from './parts.js';
import { priceKeys, type PricingConfig, type TariffConfig } from './pricing-schema.js';
import { repeated } from './repeated.js';

/** Where prices stand, and who has which. */
export interface PricingParts {
  /** Whether there are prices, right or not. */
  readonly priced: boolean;
  readonly pricing: Part<PricingConfig> | undefined;
  readonly tenants: readonly { readonly pointer: string; readonly tariff: string | undefined }[];
}

/** What is wrong with prices that the schema accepts: tiers and versions out of order, dates and tariffs that there are not. */
export function pricingFaults({ priced, pricing, tenants }: PricingParts): Fault[] {
  const assigned = tenants.flatMap(({ pointer, tariff }) =>
    tariff === undefined ? [] : [{ pointer: `${pointer}/tariff`, value: tariff }],
  );
  if (!pricing) return priced ? [] : assigned.flatMap((part) => nameFaults(part, []));
  const { value, pointer } = pricing;
  const tariffs = (value.tariffs ?? []).map((tariff, i) => ({ pointer: pointer + jsonPointer('tariffs', i), value: tariff }));
  return [
    ...mixedFaults(pricing),
    ...[pricing, ...tariffs].flatMap(tierFaults),
    ...tariffs.flatMap(dateFaults),
    ...versionFaults(tariffs),
    ...assigned.flatMap((part) => nameFaults(part, [...new Set(tariffs.map((tariff) => tariff.value.name))])),
  ];
}

function mixedFaults({ pointer, value }: Part<PricingConfig>): Fault[] {
  if (value.tariffs === undefined) return [];
  return priceKeys
    .filter((key) => value[key] !== undefined)
    .map((key) => ({
      pointer: pointer + jsonPointer(key),
      value: value[key],
      message: 'prices stand beside `tariffs`',
      remedy: 'move it into a tariff, or leave `tariffs` out',
    }));
}

function tierFaults({ pointer, value }: Part<PricingConfig | TariffConfig>): Fault[] {
  return priceKeys.flatMap((key) => {
    const tiers: unknown = value[key];
    if (!Array.isArray(tiers)) return [];
    const froms = (tiers as readonly { readonly from: number }[]).map(({ from }) => from);
    return froms.flatMap((from, i): Fault[] => {
      const here = pointer + jsonPointer(key, i, 'from');
      const before = froms[i - 1];
      if (before === undefined)
        return from === 0 ? [] : [{ pointer: here, value: from, message: 'the first tier is not from 0', remedy: 'give 0' }];
      if (from > before) return [];
      return [{ pointer: here, value: from, message: 'tiers do not ascend', remedy: `give more than ${before}` }];
    });
  });
}

/** Dates that no calendar has are read as others by JavaScript: 30 February is 2 March. */
function dateFaults({ pointer, value: { effectiveFrom } }: Part<TariffConfig>): Fault[] {
  if (effectiveFrom === undefined) return [];
  const time = Date.parse(effectiveFrom);
  if (Number.isFinite(time) && new Date(time).toISOString().startsWith(effectiveFrom)) return [];
  const remedy = 'give a date of the calendar, for example 2026-11-01';
  return [{ pointer: `${pointer}/effectiveFrom`, value: effectiveFrom, message: 'is no date', remedy }];
}

/** Versions of one tariff: in order, each date once, and only the first without one. */
function versionFaults(tariffs: readonly Part<TariffConfig>[]): Fault[] {
  const keyed = tariffs.map(({ pointer, value }) => ({
    pointer,
    value: value.effectiveFrom,
    key: `${value.name} ${momentOf(value)}`,
  }));
  const last = new Map<string, TariffConfig>();
  const unordered = tariffs.flatMap(({ pointer, value }): Fault[] => {
    const before = last.get(value.name);
    last.set(value.name, value);
    if (!before || momentOf(before) <= momentOf(value)) return [];
    const message = `the versions of ${value.name} are not in order`;
    const remedy = 'put the version that begins earlier first';
    return [{ pointer: `${pointer}/effectiveFrom`, value: value.effectiveFrom, message, remedy }];
  });
  return [...unordered, ...repeated(keyed, 'a tariff has one version at a time', 'give each its own effectiveFrom')];
}

const momentOf = ({ effectiveFrom }: TariffConfig): number =>
  effectiveFrom === undefined ? -Infinity : Date.parse(effectiveFrom);

function nameFaults({ pointer, value }: Part<string>, names: readonly string[]): Fault[] {
  if (names.includes(value)) return [];
  const meant = nearest(value, names);
  const there = names.length === 0 ? 'give `pricing` `tariffs`, or leave it out' : `there is ${names.join(', ')}`;
  const remedy = meant === undefined ? there : `did you mean "${meant}"?`;
  return [{ pointer, value, message: `there is no tariff ${value}`, remedy }];
}
