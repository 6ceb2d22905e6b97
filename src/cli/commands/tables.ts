import { Command } from 'commander';
import type { TableDetailListView, TableListView } from '../../api/schemas/tenants.js';
import type { Wire } from '../../api/schemas/usage.js';
import type { Io } from '../io.js';
import { tenantOption, type OwnerOptions } from '../flow-change.js';
import { withSession } from '../session.js';
import { table } from '../table.js';
import { explainTable } from '../view/table-view.js';

/** `tables`: what each tenant's tables hold, looked up and found. */
export const tablesCommand = (io: Io): Command => {
  const tables = new Command('tables').description('show the tables of the data plane, and what they looked up');
  tables
    .command('list', { isDefault: true })
    .description('by tenant and table')
    .option(...tenantOption)
    .action(async function (this: Command, { tenant }: OwnerOptions) {
      const path = tenant === undefined ? '/v1/tables' : `/v1/tenants/${encodeURIComponent(tenant)}/tables`;
      await withSession(this, io, async (session) => {
        session.show<Wire<TableListView>>(await session.send('GET', path), ({ tables: list }) =>
          table(
            ['TENANT', 'TABLE', 'RULES', 'MASKS', 'lookups', 'matches', 'cycles/look-up'],
            list.map((one) => [
              one.tenant ?? '(uplink)',
              String(one.table),
              String(one.rules),
              String(one.masks),
              String(one.lookups),
              String(one.matches),
              one.rates.cyclesPerLookup.toFixed(0),
            ]),
            ['TABLE', 'RULES', 'MASKS', 'lookups', 'matches', 'cycles/look-up'],
          ),
        );
      });
    });
  tables
    .command('explain')
    .description('what a table was compiled to, why, and what a look-up costs at most')
    .argument('<table>', 'number of the table')
    .action(async function (this: Command, number: string) {
      await withSession(this, io, async (session) => {
        session.show<Wire<TableDetailListView>>(
          await session.send('GET', `/v1/tables/${encodeURIComponent(number)}`),
          ({ tables: list }) => (list.length === 0 ? `no flow is in table ${number}` : list.map(explainTable).join('\n\n')),
        );
      });
    });
  return tables;
};
