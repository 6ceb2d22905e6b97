import { Command, Option } from 'commander';
import { periodForms } from '../../pricing/period.js';
import { readInvoice, withBilling, type BillingOptions } from '../billing-session.js';
import type { Io } from '../io.js';
import { invoiceCsv } from '../view/invoice-csv.js';
import { renderInvoice } from '../view/invoice-view.js';

export const ledgerOption = (): Option =>
  new Option('--ledger <file>', 'read this ledger, without a running switch, on whatever machine');
export const periodOption = (): Option => new Option('--period <period>', `in UTC: ${periodForms}`).makeOptionMandatory();

interface Options extends BillingOptions {
  readonly period: string;
  readonly csv?: boolean;
}

export const invoiceCommand = (io: Io): Command =>
  new Command('invoice')
    .description('what a tenant’s use of a period costs, by the tariffs that were in force')
    .argument('<tenant>')
    .addOption(periodOption())
    .addOption(ledgerOption())
    .addOption(new Option('--csv', 'print a row for each tier, for spreadsheets'))
    .action(async function (this: Command, tenant: string) {
      const { period, csv, json } = this.optsWithGlobals<Options>();
      await withBilling(this, io, async (session) => {
        const text = await session.invoice(tenant, period);
        if (json === true) io.out(text);
        else io.out(csv === true ? invoiceCsv(readInvoice(text)) : renderInvoice(readInvoice(text)));
      });
    });
