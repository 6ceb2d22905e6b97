import { Command } from 'commander';
import type { FlowResultView, PolicyView } from '../../api/schemas/flows.js';
import type { Io } from '../io.js';
import { withSession, type Session } from '../session.js';
import { table } from '../table.js';

interface BothOption {
  readonly both?: boolean;
}
type Entry = PolicyView['policy'][number];

export function policyCommand(io: Io): Command {
  const policy = new Command('policy').description('which tenants may send to which; one way an entry');
  policy
    .command('list', { isDefault: true })
    .description('show the policy')
    .action(async function (this: Command) {
      await withSession(this, io, async (session) => {
        session.show<PolicyView>(await session.send('GET', '/v1/policy'), ({ policy: entries }) =>
          table(
            ['FROM', 'TO'],
            entries.map(({ from, to }) => [from, to]),
          ),
        );
      });
    });
  const change = (name: string, description: string, edit: (now: readonly Entry[], given: readonly Entry[]) => Entry[]): void => {
    policy
      .command(name)
      .description(description)
      .argument('<from>', 'tenant that sends')
      .argument('<to>', 'tenant that receives')
      .option('--both', 'the way back too')
      .action(async function (this: Command, from: string, to: string, { both }: BothOption) {
        const given =
          both === true
            ? [
                { from, to },
                { from: to, to: from },
              ]
            : [{ from, to }];
        await withSession(this, io, (session) => editPolicy(session, (now) => edit(now, given)));
      });
  };
  change('allow', "let one tenant's VMs reach another's", (now, given) => [...without(now, given), ...given]);
  change('refuse', 'take the permission back', without);
  return policy;
}

const without = (now: readonly Entry[], given: readonly Entry[]): Entry[] =>
  now.filter((entry) => !given.some(({ from, to }) => entry.from === from && entry.to === to));

/** Reads, edits and writes the policy; refused where somebody else changed anything in between. */
async function editPolicy(session: Session, edit: (now: readonly Entry[]) => Entry[]): Promise<void> {
  const { text, etag } = await session.send('GET', '/v1/policy');
  const { policy } = JSON.parse(text) as PolicyView;
  const answer = await session.send('PUT', '/v1/policy', { policy: edit(policy) }, etag);
  session.show<FlowResultView>(
    answer,
    (r) => `generation ${r.generation}: ${r.added} flows added, ${r.modified} modified, ${r.deleted} deleted`,
  );
}
