import { pricingFaults } from '../config/pricing-faults.js';
import type { PricingConfig } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';
import type { Candidate } from '../pricing/billing.js';
import { asIfAlways } from '../pricing/simulate.js';
import { bookConfig } from '../pricing/tariff.js';

/** Prices to try, as a config has them; without any they are those that were in force. */
export interface CandidateText {
  readonly name: string;
  readonly pricing?: PricingConfig;
  readonly tenants?: Readonly<Record<string, { readonly tariff?: string }>>;
  /** The tariff that every tenant has. */
  readonly only?: string;
}

/**
 * @param text right by its schema.
 * @param pointer of it in its document.
 * @throws VswitchError REQUEST_INVALID, TARIFF_NOT_FOUND
 */
export function candidateOf({ name, pricing, tenants = {}, only }: CandidateText, pointer: string): Candidate {
  const faults = pricingFaults({
    priced: pricing !== undefined,
    pricing: pricing && { pointer: `${pointer}/pricing`, value: pricing },
    tenants: Object.entries(tenants).map(([tenant, { tariff }]) => ({ pointer: `${pointer}/tenants/${tenant}`, tariff })),
  });
  if (faults.length > 0) throw new VswitchError('REQUEST_INVALID', `the prices of ${name} have faults`, faults);
  const book = bookConfig({ pricing, tenants });
  return { name, book: book && asIfAlways(book, only) };
}
