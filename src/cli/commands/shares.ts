import { Command } from 'commander';
import type { ShareListView } from '../../api/schemas/shares.js';
import { usageError, type Io } from '../io.js';
import { withSession } from '../session.js';
import { table } from '../table.js';

export function sharesCommand(io: Io): Command {
  const shares = new Command('shares').description("how much of a worker's core each tenant may have");
  shares
    .command('list', { isDefault: true })
    .description('show the shares')
    .action(async function (this: Command) {
      await withSession(this, io, async (session) => {
        session.show<ShareListView>(await session.send('GET', '/v1/shares'), shareTable);
      });
    });
  shares
    .command('set')
    .description('change shares, all that are given or none; until the next start')
    .argument('<change...>', 'a tenant, then weight=NUMBER, guaranteed=PERCENT, cap=PERCENT or cap=none; then the next tenant')
    .action(async function (this: Command, words: string[]) {
      const body = { shares: changesOf(words) };
      await withSession(this, io, async (session) => {
        session.show<ShareListView>(await session.send('PATCH', '/v1/shares', body), shareTable);
      });
    });
  return shares;
}

const shareTable = ({ shares }: ShareListView): string =>
  table(
    ['TENANT', 'WEIGHT', 'GUARANTEED', 'CAP'],
    shares.map(({ tenant, weight, guaranteedPercent, capPercent }) => [
      tenant,
      String(weight),
      `${guaranteedPercent} %`,
      capPercent === null ? 'none' : `${capPercent} %`,
    ]),
    ['WEIGHT', 'GUARANTEED', 'CAP'],
  );

const keys = new Map(Object.entries({ weight: 'weight', guaranteed: 'guaranteedPercent', cap: 'capPercent' }));

/** `red weight=200 cap=none blue guaranteed=30` as the API takes it. @throws VswitchError REQUEST_INVALID */
export function changesOf(words: readonly string[]): Record<string, Record<string, number | null>> {
  const changes = new Map<string, Record<string, number | null>>();
  let change: Record<string, number | null> | undefined;
  for (const word of words) {
    const [name = '', value] = word.split('=', 2);
    if (value === undefined) {
      change = changes.get(word) ?? {};
      changes.set(word, change);
      continue;
    }
    const key = keys.get(name);
    if (!change) throw usageError(`${word} is of no tenant`, 'name the tenant before it');
    if (key === undefined) throw usageError(`a share has no ${name}`, `give ${[...keys.keys()].join(', ')}`);
    change[key] = name === 'cap' && value === 'none' ? null : numberOf(name, value);
  }
  return Object.fromEntries(changes);
}

function numberOf(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw usageError(`${name}=${value} is no whole number`, name === 'cap' ? 'give a percentage, or none' : 'give a whole number');
}
