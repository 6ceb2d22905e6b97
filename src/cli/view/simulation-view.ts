import type { Simulation } from '../../pricing/billing.js';
import type { Invoice } from '../../pricing/invoice.js';
import { decimal } from '../../pricing/money.js';
import { table } from '../table.js';
import { itemWords, total } from './invoice-view.js';

/** Tariffs side by side for people: each tenant's items, and what the second costs more or less than the first. */
export function renderSimulation({ tariffs, tenants, period }: Simulation): string {
  const [, second] = tariffs;
  const head = ['TENANT', 'ITEM', ...tariffs, ...(second === undefined ? [] : ['difference'])];
  const rows = tenants.flatMap(({ tenant, invoices }) => {
    const [a, b] = invoices;
    const amounts = [...new Set(invoices.flatMap((invoice) => [...amountsOf(invoice ?? null).keys()]))].map((item) => {
      const cells = invoices.map((invoice) => amountsOf(invoice).get(item) ?? 0n);
      return [tenant, item, ...cells.map((amount) => decimal(amount)), ...difference(cells)];
    });
    const totals = invoices.map((invoice) => (invoice ? total(invoice) : 'no tariff'));
    const compared =
      a && b && a.currency === b.currency ? difference([a.totalMicro, b.totalMicro]) : second === undefined ? [] : [''];
    return [...amounts, [tenant, 'total', ...totals, ...compared]];
  });
  const span = `${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`;
  return `Recorded usage of ${span} under ${tariffs.join(' and ')}\n${table(head, rows, head.slice(2))}`;
}

/** By the words for people, in the order of a bill. */
function amountsOf(invoice: Invoice | null): Map<string, bigint> {
  const amounts = new Map<string, bigint>();
  const add = (word: string, amount: bigint): void => void amounts.set(word, (amounts.get(word) ?? 0n) + amount);
  for (const { lines, minimumMicro } of invoice?.parts ?? []) {
    for (const { item, amountMicro } of lines) add(itemWords[item][0], amountMicro);
    if (minimumMicro !== 0n) add('minimum', minimumMicro);
  }
  return amounts;
}

function difference(amounts: readonly bigint[]): string[] {
  const [a, b] = amounts;
  if (a === undefined || b === undefined) return [];
  return [`${b > a ? '+' : ''}${decimal(b - a)}`];
}
