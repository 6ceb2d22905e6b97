import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { LedgerView, RecordsText, RecordsView } from '../../api/schemas/ledger.js';
import type { Wire } from '../../api/schemas/usage.js';
import { resolutions } from '../../model/usage-record.js';
import { usageError, ExitCode, type Io } from '../io.js';
import { withSession, type GlobalOptions } from '../session.js';
import { ledgerText, recordsText, verifyText } from '../view/ledger-view.js';

const ledgerPath = '/v1/usage/ledger';

/** `usage records`, `usage ledger`, `usage head`, `usage verify`. */
export const ledgerCommands = (io: Io): Command[] => [recordsCommand(io), ledgerCommand(io), headCommand(io), verifyCommand(io)];

const recordsCommand = (io: Io): Command =>
  new Command('records')
    .description('usage records of the ledger')
    .option('-t, --tenant <name>', 'of this tenant; without it, of all, the uplink and the instance')
    .option('--from <time>', 'that begin then or later: ISO 8601, or milliseconds since 1970')
    .option('--to <time>', 'and before then')
    .addOption(new Option('-r, --resolution <which>', 'intervals, or sums of hours or days').choices(resolutions).default('raw'))
    .option('--limit <number>', 'show at most so many (default: 100)')
    .option('--cursor <number>', 'go on from where a page ended')
    .action(async function (this: Command, query: RecordsText) {
      await withSession(this, io, async (session) => {
        const answer = await session.send('GET', `/v1/usage/records?${new URLSearchParams({ ...query }).toString()}`);
        session.show<Wire<RecordsView>>(answer, recordsText);
      });
    });

const ledgerCommand = (io: Io): Command =>
  new Command('ledger')
    .description('where the ledger is and stands, and what keeps it from being written')
    .action(async function (this: Command) {
      await withSession(this, io, async (session) => {
        session.show<Wire<LedgerView>>(await session.send('GET', ledgerPath), ledgerText);
      });
    });

const headCommand = (io: Io): Command =>
  new Command('head')
    .description('the ledger’s last hash, to be noted down outside: `verify --head` then proves that nothing was cut off')
    .action(async function (this: Command) {
      await withSession(this, io, async (session) => {
        session.show<Wire<LedgerView>>(await session.send('GET', ledgerPath), ({ position }) => {
          if (position === null) throw usageError('there is no record yet', 'ask again after an interval');
          return position.head;
        });
      });
    });

const verifyCommand = (io: Io): Command =>
  new Command('verify')
    .description('prove that no usage record was changed or removed; exit code 1 where one was')
    .argument('[file]', 'a ledger, wherever it was written (default: that of the running switch)')
    .option('--head <head>', 'that `usage head` or `usage verify` printed before', head)
    .action(async function (this: Command, file: string | undefined, options: { readonly head?: string }) {
      const { json } = this.optsWithGlobals<GlobalOptions>();
      const path = resolve(file ?? (await pathOfRunning(this, io)));
      // Loaded here, since it loads SQLite.
      const { verifyFile } = await import('../verify-ledger.js');
      const report = verifyFile(path, options.head);
      io.out(json === true ? JSON.stringify({ file: path, ...report }) : verifyText(path, report));
      if (report.findings.length > 0) throw new ExitCode(1);
    });

async function pathOfRunning(command: Command, io: Io): Promise<string> {
  if (command.optsWithGlobals<GlobalOptions>().url !== undefined)
    throw usageError('the ledger of a switch elsewhere cannot be read from here', 'copy the file, and name it');
  let path = '';
  await withSession(command, io, async (session) => {
    ({ path } = (await session.get(ledgerPath)) as LedgerView);
  });
  return path;
}

function head(text: string): string {
  if (/^\d+:[0-9a-f]{64}$/.test(text)) return text;
  throw usageError(`--head ${text} is no head`, 'give it as `vswitch usage head` prints it: SEQUENCE:HASH');
}
