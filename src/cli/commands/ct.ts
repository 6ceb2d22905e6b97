import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type {
  CtCountView,
  CtFilterText,
  CtFlushedView,
  CtListView,
  CtRestoredView,
  CtStatsView,
} from '../../api/schemas/conntrack.js';
import type { Wire } from '../../api/schemas/usage.js';
import { VswitchError } from '../../model/errors.js';
import type { Io } from '../io.js';
import { withSession } from '../session.js';
import { connectionTable, statsText } from '../view/ct-view.js';

type Filter = CtFilterText & { readonly all?: true };

/** `ct`: the connections that the data plane tracks. */
export const ctCommand = (io: Io): Command => {
  const ct = new Command('ct').description('show, count, forget, save and restore tracked connections');
  filtered(ct.command('list', { isDefault: true }).description('connections'))
    .option('--limit <number>', 'show at most so many (default: 100)')
    .option('--cursor <number>', 'go on from where a page ended')
    .action(async function (this: Command, filter: Filter) {
      await withSession(this, io, async (session) => {
        session.show<Wire<CtListView>>(await session.send('GET', `/v1/conntrack${queryOf(filter)}`), ({ connections, cursor }) =>
          [connectionTable(connections), ...(cursor === null ? [] : [`more: --cursor ${cursor}`])].join('\n'),
        );
      });
    });
  filtered(ct.command('count').description('how many connections there are')).action(async function (
    this: Command,
    filter: Filter,
  ) {
    await withSession(this, io, async (session) => {
      session.show<Wire<CtCountView>>(await session.send('GET', `/v1/conntrack/count${queryOf(filter)}`), ({ connections }) =>
        String(connections),
      );
    });
  });
  filtered(ct.command('flush').description('forget connections'))
    .option('--all', 'every one of every tenant')
    .action(async function (this: Command, filter: Filter) {
      await withSession(this, io, async (session) => {
        session.show<Wire<CtFlushedView>>(
          await session.send('DELETE', `/v1/conntrack${queryOf(filter)}`),
          ({ flushed }) => `${flushed} forgotten`,
        );
      });
    });
  ct.command('stats')
    .description('memory, limits, and what became of connections and packets')
    .action(async function (this: Command) {
      await withSession(this, io, async (session) => {
        session.show<Wire<CtStatsView>>(await session.send('GET', '/v1/conntrack/stats'), statsText);
      });
    });
  addFiles(ct, io);
  return ct;
};

const filtered = (command: Command): Command =>
  command
    .option('-t, --tenant <name>', 'of this tenant')
    .option('--zone <number>', 'of this zone')
    .option('--proto <name>', 'tcp, udp, icmp, icmp6, sctp, or a number')
    .option('--address <ip>', 'of either end, in either direction')
    .option('--port <number>', 'of either end, in either direction');

const queryOf = (filter: Readonly<Record<string, string | true>>): string => {
  const query = new URLSearchParams(
    Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return query === '' ? '' : `?${query}`;
};

function addFiles(ct: Command, io: Io): void {
  ct.command('snapshot')
    .description('save every connection in a file')
    .argument('<file>', 'that is written')
    .action(async function (this: Command, file: string) {
      await withSession(this, io, async (session) => {
        const bytes = await session.sendBytes('/v1/conntrack/snapshot');
        await writeFile(file, bytes, { mode: 0o600 }).catch((error: unknown) => unusable(file, error));
        io.out(session.json ? JSON.stringify({ file, bytes: bytes.length }) : `${bytes.length} bytes in ${file}`);
      });
    });
  ct.command('restore')
    .description('add the connections of a snapshot')
    .argument('<file>', 'that `snapshot` wrote')
    .action(async function (this: Command, file: string) {
      await withSession(this, io, async (session) => {
        const bytes = await readFile(file).catch((error: unknown) => unusable(file, error));
        const text = (await session.sendBytes('/v1/conntrack/restore', bytes)).toString();
        session.show<Wire<CtRestoredView>>(
          { text, etag: undefined },
          ({ restored, skipped }) => `${restored} restored, ${skipped} skipped`,
        );
      });
    });
}

function unusable(file: string, error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new VswitchError('REQUEST_INVALID', message, [
    { pointer: '', value: file, message, remedy: 'name a file that can be used' },
  ]);
}
