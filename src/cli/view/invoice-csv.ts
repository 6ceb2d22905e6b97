import type { Invoice, InvoicePart } from '../../pricing/invoice.js';
import { pricedUnits } from '../../pricing/price.js';

const columns = ['tenant', 'from', 'to', 'tariff', 'tariff_hash', 'item', 'kind', 'tier_from', 'quantity', 'per', 'price_micro'];

/**
 * An invoice as RFC 4180 has it, without a newline at the end: a row for each allowance and tier, for each part's minimum, and for the
 * total. `amount_micro` of all rows but the last add up to the last. No field needs quotes.
 */
export function invoiceCsv(invoice: Invoice): string {
  const { tenant, period, totalMicro, currency } = invoice;
  const rows = [
    [...columns, 'amount_micro', 'currency'],
    ...invoice.parts.flatMap((part) => partRows(part).map((cells) => [tenant, part.from, part.to, ...cells, currency])),
    [tenant, period.from, period.to, '', '', '', 'total', '', '', '', '', totalMicro, currency],
  ];
  return rows.map((cells) => cells.join(',')).join('\r\n');
}

type Cell = string | bigint;

function partRows({ tariff, lines, minimumMicro }: InvoicePart): Cell[][] {
  const named = [tariff?.name ?? '', tariff?.hash ?? ''];
  const charges = lines.flatMap(({ item, freeQuantity, tiers }): Cell[][] => {
    const free = freeQuantity > 0n ? [[...named, item, 'allowance', '', freeQuantity, '', '', 0n]] : [];
    return [
      ...free,
      ...tiers.map((tier) => {
        const price = [pricedUnits[item], tier.priceMicro, tier.amountMicro];
        return [...named, item, 'tier', tier.from, tier.quantity, ...price];
      }),
    ];
  });
  return minimumMicro === 0n ? charges : [...charges, [...named, '', 'minimum', '', '', '', '', minimumMicro]];
}
