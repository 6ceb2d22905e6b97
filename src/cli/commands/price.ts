import { Command, Option } from 'commander';
import { readSimulation, withBilling, type BillingOptions } from '../billing-session.js';
import type { Io } from '../io.js';
import { readCandidate, recordedTariffs } from '../tariff-input.js';
import { renderSimulation } from '../view/simulation-view.js';
import { ledgerOption, periodOption } from './invoice.js';

interface Options extends BillingOptions {
  readonly period: string;
  readonly tenant?: readonly string[];
}

export const priceCommand = (io: Io): Command =>
  new Command('price').description('try tariffs').addCommand(
    new Command('simulate')
      .description('run a tariff over recorded usage, beside the tariffs that were in force or beside another one')
      .argument('<tariff>', 'a file with prices or a config, FILE#NAME for one of its tariffs')
      .argument('[other]', `likewise; ${recordedTariffs}: those that were in force`)
      .addOption(periodOption())
      .addOption(ledgerOption())
      .addOption(new Option('--tenant <name...>', 'only these tenants'))
      .action(async function (this: Command, tariff: string, other?: string) {
        const { period, tenant: tenants, json } = this.optsWithGlobals<Options>();
        const names = other === undefined ? [recordedTariffs, tariff] : [tariff, other];
        const tariffs = await Promise.all(names.map(readCandidate));
        await withBilling(this, io, async (session) => {
          const text = await session.simulate({ period, tariffs, ...(tenants ? { tenants } : {}) });
          io.out(json === true ? text : renderSimulation(readSimulation(text)));
        });
      }),
  );
