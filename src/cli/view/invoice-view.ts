import type { BillLine, UsageItem } from '../../model/tariff.js';
import { usageItems } from '../../model/tariff.js';
import type { Invoice, InvoicePart } from '../../pricing/invoice.js';
import { decimal } from '../../pricing/money.js';
import { pricedUnits } from '../../pricing/price.js';
import { table } from '../table.js';

/** Names and units for people. */
export const itemWords: Readonly<Record<UsageItem, readonly [name: string, exact: string, priced: string]>> = {
  cycles: ['cycles', 'cycles', '10⁹'],
  bytes: ['traffic', 'bytes', 'GiB'],
  packets: ['packets', 'packets', '10⁶'],
  memoryByteSeconds: ['memory', 'byte-seconds', 'MiB-hour'],
  reservedCoreSeconds: ['cores', 'core-seconds', 'core-hour'],
};

/** An invoice for people: each part of the period under its tariff, tier by tier, then the sums. */
export function renderInvoice(invoice: Invoice): string {
  const { tenant, instances, period, recorded, ledgerHead } = invoice;
  const by = instances.length === 0 ? '' : `, by ${instances.join(', ')}`;
  const records = recorded ? `${moment(recorded.from)} to ${moment(recorded.to)} UTC` : 'none';
  return [
    `Invoice for ${tenant}, ${moment(period.from)} to ${moment(period.to)} UTC${by}`,
    `Records: ${records}${ledgerHead === null ? '' : `, ledger ${ledgerHead.slice(0, 16)}…`}`,
    ...invoice.parts.map((part) => `\n${renderPart(part, invoice.currency)}`),
    `\n${sums(invoice)}`,
    `Total ${total(invoice)}`,
  ].join('\n');
}

/** The total in the currency's own digits. */
export const total = ({ totalMinor, minorDigits, currency }: Invoice): string =>
  `${decimal(totalMinor, minorDigits)} ${currency}`;

/** Midnight is a date. */
const moment = (iso: string): string => iso.replace(/T00:00:00\.000Z$/, '').replace(/:00\.000Z$|Z$/, '');

function renderPart({ tariff, from, to, lines, usage }: InvoicePart, currency: string): string {
  const span = `${moment(from)} to ${moment(to)}`;
  if (!tariff) {
    const used = usageItems.filter((item) => usage[item] > 0n).map((item) => `${usage[item]} ${itemWords[item][1]}`);
    return `${span}: no tariff was in force; ${used.join(', ')} not charged`;
  }
  const since = tariff.effectiveFrom === null ? '' : ` of ${moment(tariff.effectiveFrom)}`;
  const head = `${span}: tariff ${tariff.name}${since} (${tariff.hash.slice(0, 16)}…)`;
  if (lines.length === 0) return head;
  const rows = lines.flatMap((line) => rowsOf(line));
  return `${head}\n${table(['ITEM', 'QUANTITY', '', 'IN UNITS', '', 'PRICE', currency], rows, ['QUANTITY', 'IN UNITS', 'PRICE', currency])}`;
}

/** A row for the allowance and for each tier that something was used of; at least one. */
function rowsOf({ item, freeQuantity, tiers, quantity }: BillLine): string[][] {
  const [name, exact, unit] = itemWords[item];
  const row = (words: string, amount: bigint, priceMicro: bigint, amountMicro: bigint): string[] => [
    words,
    amount.toString(),
    exact,
    inUnits(amount, item),
    unit,
    decimal(priceMicro),
    decimal(amountMicro),
  ];
  const free = freeQuantity > 0n ? [row(`${name}, allowance`, freeQuantity, 0n, 0n)] : [];
  const used = tiers.filter((tier) => tier.quantity > 0n);
  const shown = used.length > 0 || free.length > 0 ? used : tiers.slice(0, 1);
  const charged = shown.map((tier) => {
    const words = tier.from === 0n ? name : `${name}, above ${inUnits(tier.from, item)}`;
    return row(words, quantity === 0n ? 0n : tier.quantity, tier.priceMicro, tier.amountMicro);
  });
  return [...free, ...charged];
}

/** Rounded down to a thousandth of the priced unit; the exact quantity stands beside it. */
const inUnits = (quantity: bigint, item: UsageItem): string => decimal((quantity * 1000n) / pricedUnits[item], 3);

const sums = ({ subtotalMicro, minimumMicro, totalMicro, currency }: Invoice): string =>
  table(
    ['', currency],
    [
      ['subtotal', decimal(subtotalMicro)],
      ['minimum', decimal(minimumMicro)],
      ['total, exact', decimal(totalMicro)],
    ],
    [currency],
  ).replace(/^ *\n/, '');
