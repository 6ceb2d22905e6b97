import type { Command } from 'commander';
import { candidateOf, type CandidateText } from '../accounting/candidates.js';
import { openLedgerFile } from '../ledger/bill-source.js';
import { Billing, type Simulation } from '../pricing/billing.js';
import { canonicalJson, parseExact } from '../pricing/canonical.js';
import type { Invoice } from '../pricing/invoice.js';
import type { Io } from './io.js';
import { withSession, type GlobalOptions } from './session.js';

export interface BillingOptions extends GlobalOptions {
  /** A ledger file, instead of a running switch. */
  readonly ledger?: string;
}

export interface SimulationRequest {
  readonly period: string;
  readonly tenants?: readonly string[];
  readonly tariffs: readonly CandidateText[];
}

/** Invoices as canonical JSON: the same bytes from a running switch and from its ledger's file. */
export interface BillingSession {
  invoice(tenant: string, period: string): Promise<string>;
  simulate(request: SimulationRequest): Promise<string>;
}

/** Runs `work` on the ledger file that --ledger names, else on the running switch. */
export async function withBilling(command: Command, io: Io, work: (session: BillingSession) => Promise<void>): Promise<void> {
  const { ledger } = command.optsWithGlobals<BillingOptions>();
  if (ledger !== undefined) return withFile(ledger, work);
  await withSession(command, io, ({ send }) =>
    work({
      invoice: async (tenant, period) => {
        const path = `/v1/tenants/${encodeURIComponent(tenant)}/invoice?period=${encodeURIComponent(period)}`;
        return (await send('GET', path)).text;
      },
      simulate: async (request) => (await send('POST', '/v1/price/simulate', request)).text,
    }),
  );
}

async function withFile(path: string, work: (session: BillingSession) => Promise<void>): Promise<void> {
  const file = openLedgerFile(path);
  const billing = new Billing(file.source);
  try {
    await work({
      invoice: async (tenant, period) => canonicalJson(await billing.invoice(tenant, period)),
      simulate: async ({ period, tenants, tariffs }) => {
        const candidates = tariffs.map((tariff, i) => candidateOf(tariff, `/tariffs/${i}`));
        return canonicalJson(await billing.simulate(period, candidates, tenants));
      },
    });
  } finally {
    file.close();
  }
}

/** An invoice from its canonical text, with every amount exact. */
export const readInvoice = (text: string): Invoice => invoiceOf(parseExact(text));

export function readSimulation(text: string): Simulation {
  const { tenants, ...simulation } = parseExact(text) as Simulation;
  return {
    ...simulation,
    tenants: tenants.map(({ tenant, invoices }) => ({
      tenant,
      invoices: invoices.map((invoice) => invoice && invoiceOf(invoice)),
    })),
  };
}

/** In the text, every integer is exact; a count of digits is a number. */
function invoiceOf(value: unknown): Invoice {
  const { minorDigits, ...invoice } = value as Omit<Invoice, 'minorDigits'> & { readonly minorDigits: bigint };
  return { ...invoice, minorDigits: Number(minorDigits) };
}
