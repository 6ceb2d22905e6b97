import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { UsageView } from '../../api/schemas/usage.js';
import type { Io } from '../io.js';
import { withSession } from '../session.js';
import { renderUsage } from '../view/usage-view.js';

const home = '\u001b[H';
const clearBelow = '\u001b[J';
const clearScreen = '\u001b[2J';

interface TopOptions {
  readonly interval: number;
  readonly count?: number;
}

export const topCommand = (io: Io): Command =>
  new Command('top')
    .description('show usage live, until Ctrl-C')
    .option('-i, --interval <seconds>', 'time between two pictures', positive, 1)
    .option('-n, --count <pictures>', 'end after that many', positive)
    .action(async function (this: Command, { interval, count = Infinity }: TopOptions) {
      await withSession(this, io, async (session) => {
        for (let picture = 0; picture < count; picture++) {
          if (picture > 0) await sleep(interval * 1000);
          const answer = await session.send('GET', '/v1/usage');
          session.show<UsageView>(answer, (report) => draw(report, io, picture === 0));
        }
      });
    });

/** On a terminal each picture covers the last one; elsewhere they follow each other. */
function draw(report: UsageView, { terminal }: Io, first: boolean): string {
  const text = renderUsage(report, { width: terminal.columns, colour: terminal.interactive });
  if (!terminal.interactive) return text + '\n';
  const lines = text.split('\n').slice(0, terminal.rows - 1);
  return (first ? clearScreen : '') + home + lines.map((line) => `${line}\u001b[K`).join('\n') + clearBelow;
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('a number above 0');
}
