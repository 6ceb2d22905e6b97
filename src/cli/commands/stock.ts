import { Command } from 'commander';
import type { GroupListView, MeterListView } from '../../api/schemas/stock.js';
import type { Wire } from '../../api/schemas/usage.js';
import type { FlowOperation } from '../../model/flow.js';
import type { GroupText } from '../../model/group.js';
import { ownerName } from '../../model/ids.js';
import type { MeterText } from '../../model/meter.js';
import { ifMatchOption, pathOf, tenantOption, transact, type ChangeOptions, type OwnerOptions } from '../flow-change.js';
import { parseJson, readInput } from '../flow-input.js';
import { usageError, type Io } from '../io.js';
import { withSession } from '../session.js';
import { table } from '../table.js';

/** What the commands of groups and those of meters differ in. */
interface Kind<List> {
  readonly name: 'group' | 'meter';
  readonly example: string;
  show(list: List): string;
}

export const groupsCommand = (io: Io): Command =>
  stockCommand<Wire<GroupListView>>(io, {
    name: 'group',
    example: '{"group":1,"type":"all","buckets":[{"actions":[{"type":"output","port":"p1"}]}]}',
    show: ({ groups }) =>
      table(
        ['OWNER', 'GROUP', 'TYPE', 'packets', 'bytes', 'BUCKETS'],
        groups.map(({ owner, group, packets, bytes }) => {
          const { group: id, type, buckets } = group as GroupText;
          return [
            ownerName(owner),
            String(id),
            type,
            String(packets),
            String(bytes),
            buckets.map((b) => JSON.stringify(b)).join('\n'),
          ];
        }),
        ['GROUP', 'packets', 'bytes'],
      ),
  });

export const metersCommand = (io: Io): Command =>
  stockCommand<Wire<MeterListView>>(io, {
    name: 'meter',
    example: '{"meter":1,"unit":"kbps","bands":[{"type":"drop","rate":1000}]}',
    show: ({ meters }) =>
      table(
        ['OWNER', 'METER', 'packets', 'bytes', 'green', 'yellow', 'red', 'RATES'],
        meters.map(({ owner, meter, packets, bytes, green, yellow, red }) => {
          const { meter: id, ...rates } = meter as MeterText;
          return [ownerName(owner), String(id), ...[packets, bytes, green, yellow, red].map(String), JSON.stringify(rates)];
        }),
        ['METER', 'packets', 'bytes', 'green', 'yellow', 'red'],
      ),
  });

function stockCommand<List>(io: Io, { name, example, show }: Kind<List>): Command {
  const all = new Command(`${name}s`).description(`show and change ${name}s, given as JSON`);
  all
    .command('list', { isDefault: true })
    .description(`show ${name}s and their counters`)
    .option(...tenantOption)
    .option('-a, --all', "everybody's")
    .action(async function (this: Command, options: OwnerOptions & { all?: boolean }) {
      const path = options.all === true ? `/v1/${name}s?owner=all` : pathOf(options, `${name}s`);
      await withSession(this, io, async (session) => {
        session.show<List>(await session.send('GET', path), show);
      });
    });
  for (const op of ['add', 'modify'] as const) {
    all
      .command(op)
      .description(op === 'add' ? `add ${name}s, all or none` : `change ${name}s, all or none; their counters stay`)
      .option(...tenantOption)
      .option(...ifMatchOption)
      .option('-f, --file <path>', `a JSON array of ${name}s; - is standard input`)
      .argument(`[${name}...]`, `for example: ${example}`)
      .action(async function (this: Command, words: string[], options: ChangeOptions) {
        const given = [...words.map((word) => parseJson(word, `the ${name}`)), ...(await ofFile(options, name, io))];
        if (given.length === 0) throw usageError(`no ${name} is given`, `give ${name}s as words, or a --file`);
        await transact(
          this,
          io,
          options,
          given.map((one) => ({ op, [name]: one }) as FlowOperation),
        );
      });
  }
  all
    .command('del')
    .alias('delete')
    .description(`delete ${name}s, and the flows that use them, all or none`)
    .option(...tenantOption)
    .option(...ifMatchOption)
    .option('--all', `delete every ${name} of the owner`)
    .argument('[number...]')
    .action(async function (this: Command, words: string[], options: ChangeOptions & { all?: boolean }) {
      const ids = options.all === true ? (['all'] as const) : words.map((word) => numberOf(word, name));
      if (ids.length === 0) throw usageError(`no ${name} is given`, 'give numbers, or --all');
      await transact(
        this,
        io,
        options,
        ids.map((id) => ({ op: 'delete', [name]: { [name]: id } }) as unknown as FlowOperation),
      );
    });
  return all;
}

function numberOf(word: string, name: string): number {
  if (/^\d{1,10}$/.test(word)) return Number(word);
  throw usageError(`${word} is no number of a ${name}`, `give the number that \`vswitch ${name}s list\` shows`);
}

/** A JSON array, or what `list --json` prints. */
async function ofFile({ file }: ChangeOptions, name: 'group' | 'meter', io: Io): Promise<unknown[]> {
  if (file === undefined) return [];
  const value = parseJson(await readInput(file, io), file);
  const list = Array.isArray(value) ? (value as unknown[]) : (value as Record<string, unknown> | null)?.[`${name}s`];
  if (!Array.isArray(list)) throw usageError(`${file} holds no ${name}s`, `a JSON array of ${name}s, or {"${name}s": [...]}`);
  return list.map((entry: unknown) => {
    const inside = (entry as Record<string, unknown> | null)?.[name];
    return typeof inside === 'object' && inside !== null ? inside : entry;
  });
}
