import type { CandidateText } from '../accounting/candidates.js';
import { readConfig } from '../config/load.js';
import { faultsUnlessRight } from '../config/schema-faults.js';
import { pricingSchema, type PricingConfig } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';

/** What stands for the tariffs that were in force. */
export const recordedTariffs = 'recorded';

/**
 * Prices of a file: of a config its `pricing` and the tenants' tariffs, whatever else is in it; else the file is the prices.
 * @param text `FILE`, or `FILE#TARIFF` for one tariff that every tenant has, or `recorded`.
 * @throws VswitchError CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function readCandidate(text: string): Promise<CandidateText> {
  if (text === recordedTariffs) return { name: text };
  const [, file = text, only] = /^(.*)#([^#/]*)$/.exec(text) ?? [];
  const value = recordOf(await readConfig(file));
  const whole = 'pricing' in value;
  const pricing = whole ? value['pricing'] : value;
  const faults = faultsUnlessRight(pricingSchema, pricing, whole ? '/pricing' : '');
  if (faults.length > 0) throw new VswitchError('CONFIG_INVALID', `the prices of ${file} have faults`, faults);
  const assigned = Object.entries(whole ? recordOf(value['tenants']) : {}).flatMap(([tenant, settings]) => {
    const { tariff } = recordOf(settings);
    return typeof tariff === 'string' ? [[tenant, { tariff }] as const] : [];
  });
  const candidate = { name: text, pricing: pricing as PricingConfig, tenants: Object.fromEntries(assigned) };
  return only === undefined ? candidate : { ...candidate, only };
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
