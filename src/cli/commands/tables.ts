import { Command } from 'commander';
import type { TableListView } from '../../api/schemas/tenants.js';
import type { Wire } from '../../api/schemas/usage.js';
import type { Io } from '../io.js';
import { tenantOption, type OwnerOptions } from '../flow-change.js';
import { withSession } from '../session.js';
import { table } from '../table.js';

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
            ['TENANT', 'TABLE', 'RULES', 'MASKS', 'lookups', 'matches'],
            list.map((one) => [
              one.tenant ?? '(uplink)',
              String(one.table),
              String(one.rules),
              String(one.masks),
              String(one.lookups),
              String(one.matches),
            ]),
            ['TABLE', 'RULES', 'MASKS', 'lookups', 'matches'],
          ),
        );
      });
    });
  return tables;
};
