import { Command } from 'commander';
import type { UsageView } from '../../api/schemas/usage.js';
import type { Io } from '../io.js';
import { withSession } from '../session.js';
import { renderUsage } from '../view/usage-view.js';
import { ledgerCommands } from './ledger.js';

export function usageCommand(io: Io): Command {
  const usage = new Command('usage').description(
    'show packets, cycles, drops and the running bill, and what was recorded of them',
  );
  usage
    .command('show', { isDefault: true })
    .description('packets, cycles, drops and the running bill')
    .action(async function (this: Command) {
      await withSession(this, io, async (session) => {
        session.show<UsageView>(await session.send('GET', '/v1/usage'), (report) =>
          renderUsage(report, { width: io.terminal.columns, colour: io.terminal.interactive }),
        );
      });
    });
  for (const command of ledgerCommands(io)) usage.addCommand(command);
  return usage;
}
