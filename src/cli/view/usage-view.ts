import type { UsageView } from '../../api/schemas/usage.js';
import { money, percent, si, table } from '../table.js';

export interface ViewOptions {
  /** Columns of the terminal; longer lines are cut. */
  readonly width: number;
  readonly colour: boolean;
}

type Tenant = UsageView['tenants'][number];

/**
 * The usage report for people: ports, tenants, workers, drops by reason, and the running bill. Several lines, none longer than
 * `width`, without a newline at the end.
 */
export function renderUsage(report: UsageView, { width, colour }: ViewOptions): string {
  const paint = colour ? bold : plain;
  const sections = [
    section('Ports', portTable(report), paint),
    section('Tenants', tenantTable(report), paint),
    section('Workers', workerTable(report), paint),
    section('Drops', dropTable(report), paint),
    section('Bill', billTable(report), paint),
  ];
  return sections
    .filter((text) => text !== '')
    .join('\n\n')
    .split('\n')
    .map((line) => cut(line, width))
    .join('\n');
}

const bold = (text: string): string => `\u001b[1m${text}\u001b[0m`;
const plain = (text: string): string => text;

const section = (title: string, body: string, paint: (text: string) => string): string =>
  body === '' ? '' : `${paint(title)}\n${body}`;

/** Titles are the only painted lines, and short: a line that is cut has no escape sequence. */
const cut = (line: string, width: number): string =>
  line.length <= width || line.startsWith('\u001b') ? line : line.slice(0, Math.max(0, width - 1)) + '…';

const portTable = ({ ports }: UsageView): string =>
  table(
    ['PORT', 'RX pkt/s', 'RX bit/s', 'TX pkt/s', 'TX bit/s', 'RX packets', 'TX packets'],
    ports.map(({ port, rates, totals }) => [port, ...traffic(rates), String(totals.rxPackets), String(totals.txPackets)]),
    ['RX pkt/s', 'RX bit/s', 'TX pkt/s', 'TX bit/s', 'RX packets', 'TX packets'],
  );

const traffic = (rates: UsageView['ports'][number]['rates']): string[] =>
  [rates.rxPacketsPerS, rates.rxBitsPerS, rates.txPacketsPerS, rates.txBitsPerS].map(si);

const tenantTable = ({ tenants }: UsageView): string =>
  table(
    ['TENANT', 'RX pkt/s', 'RX bit/s', 'TX pkt/s', 'TX bit/s', 'cycles/pkt', 'core', 'drops/s', 'drops'],
    tenants.map((tenant) => [
      nameOf(tenant),
      ...traffic(tenant.rates),
      tenant.rates.cyclesPerPacket.toFixed(0),
      percent(tenant.rates.coreShare),
      si(sum(tenant.rates.dropsPerS)),
      String(sum(tenant.totals.drops)),
    ]),
    ['RX pkt/s', 'RX bit/s', 'TX pkt/s', 'TX bit/s', 'cycles/pkt', 'core', 'drops/s', 'drops'],
  );

const workerTable = ({ workers }: UsageView): string =>
  table(
    ['WORKER', 'core no', 'busy', 'idle', 'overhead', 'stolen'],
    workers.map(({ worker, core, shares }) => [
      String(worker),
      String(core),
      ...[shares.busy, shares.idle, shares.overhead, shares.stolen].map(percent),
    ]),
    ['core no', 'busy', 'idle', 'overhead', 'stolen'],
  );

/** Only reasons that occurred; without any, no section. */
function dropTable({ tenants }: UsageView): string {
  const rows = tenants.flatMap((tenant) =>
    Object.entries(tenant.totals.drops)
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => [nameOf(tenant), reason, String(count), si(rateOf(tenant, reason))]),
  );
  return rows.length === 0 ? '' : table(['TENANT', 'REASON', 'packets', 'per s'], rows, ['packets', 'per s']);
}

const rateOf = ({ rates }: Tenant, reason: string): number =>
  (rates.dropsPerS as Readonly<Record<string, number | undefined>>)[reason] ?? 0;

function billTable({ tenants }: UsageView): string {
  const rows = tenants.flatMap((tenant) => {
    const { bill } = tenant;
    if (bill === null) return [];
    const items = bill.lines.map(({ amountMicro }) => money(amountMicro, bill.currency));
    return [[nameOf(tenant), ...items, money(bill.totalMicro, bill.currency)]];
  });
  const items = tenants.find((tenant) => tenant.bill !== null)?.bill?.lines.map(({ item }) => item) ?? [];
  return rows.length === 0 ? '' : table(['TENANT', ...items, 'total'], rows, [...items, 'total']);
}

const nameOf = ({ tenant }: Tenant): string => tenant ?? '(none)';
const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, n) => total + n, 0);
