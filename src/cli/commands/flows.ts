import { Command } from 'commander';
import type { FlowListView, FlowResultView, InstalledFlowView } from '../../api/schemas/flows.js';
import type { Wire } from '../../api/schemas/usage.js';
import { formatOfctl } from '../../flow/syntax/ofctl.js';
import type { FlowOperation, FlowText } from '../../model/flow.js';
import { diffFlows } from '../flow-diff.js';
import { flowsFromFile, flowsFromWords, readIdentity, type LineReader } from '../flow-input.js';
import { ExitCode, usageError, type Io } from '../io.js';
import { withSession, type Session } from '../session.js';
import { table } from '../table.js';

interface OwnerOptions {
  readonly tenant?: string;
}
interface ChangeOptions extends OwnerOptions {
  readonly file?: string;
  readonly ifMatch?: string;
}

const pathOf = ({ tenant }: OwnerOptions): string =>
  tenant === undefined ? '/v1/flows' : `/v1/tenants/${encodeURIComponent(tenant)}/flows`;

/** `flows`: of the operator, or with --tenant of a tenant. */
export function flowsCommand(io: Io): Command {
  const flows = new Command('flows').description('show and change flows; given as JSON or in ovs-ofctl syntax');
  const sub = (name: string, description: string): Command =>
    flows.command(name).description(description).option('-t, --tenant <name>', "a tenant's flows, instead of the operator's");
  const change = (name: string, description: string): Command =>
    sub(name, description)
      .option('-f, --file <path>', 'JSON, or ovs-ofctl lines; - is standard input')
      .option('--if-match <generation>', 'only if nothing changed since that generation');

  flows
    .command('list', { isDefault: true })
    .description('show flows and their counters')
    .option('-t, --tenant <name>', "a tenant's flows, instead of the operator's")
    .option('-a, --all', "everybody's, also derived ones and guards")
    .option('--ofctl', 'one ovs-ofctl line a flow')
    .action(async function (this: Command, options: OwnerOptions & { all?: boolean; ofctl?: boolean }) {
      const path = options.all === true ? '/v1/flows?owner=all' : pathOf(options);
      await withSession(this, io, async (session) => {
        session.show<Wire<FlowListView>>(await session.send('GET', path), ({ flows: list }) =>
          options.ofctl === true ? list.map(({ flow }) => formatOfctl(flow as FlowText)).join('\n') : flowTable(list),
        );
      });
    });
  for (const op of ['add', 'modify'] as const) {
    change(op, op === 'add' ? 'add flows, all or none' : 'change the actions of flows, all or none')
      .argument('[flow...]', 'for example: in_port=p1,ip,nw_dst=10.0.0.0/24,actions=output:p2')
      .action(async function (this: Command, words: string[], options: ChangeOptions) {
        const given = await flowsGiven(words, options, io);
        await transact(
          this,
          io,
          options,
          given.map((flow) => ({ op, flow })),
        );
      });
  }
  change('del', 'delete the flows with this table, priority and match, all or none')
    .argument('[flow...]', 'as for add; actions are not looked at')
    .option('--all', 'delete every flow of the owner')
    .action(async function (this: Command, words: string[], options: ChangeOptions & { all?: boolean }) {
      if (options.all === true) return replace(this, io, options, []);
      const given = await flowsGiven(words, options, io, readIdentity);
      await transact(
        this,
        io,
        options,
        given.map(({ actions: _, ...flow }) => ({ op: 'delete', flow })),
      );
    });
  sub('replace', "make a file the owner's whole set; flows that stay keep their counters")
    .argument('<file>', 'JSON, or ovs-ofctl lines; - is standard input')
    .option('--if-match <generation>', 'only if nothing changed since that generation')
    .action(async function (this: Command, file: string, options: ChangeOptions) {
      await replace(this, io, options, await flowsFromFile(file, io));
    });
  sub('diff', 'show what replace would change; exit code 1 if anything')
    .argument('<file>', 'JSON, or ovs-ofctl lines; - is standard input')
    .action(async function (this: Command, file: string, options: OwnerOptions) {
      const wanted = await flowsFromFile(file, io);
      await withSession(this, io, async (session) => {
        const now = (await session.get(pathOf(options))) as Wire<FlowListView>;
        const lines = diffFlows(
          now.flows.map(({ flow }) => flow as FlowText),
          wanted,
        );
        if (session.json) io.out(JSON.stringify({ changes: lines }));
        else for (const { sign, flow } of lines) io.out(`${sign} ${flow}`);
        if (lines.length > 0) throw new ExitCode(1);
      });
    });
  return flows;
}

async function flowsGiven(words: readonly string[], { file }: ChangeOptions, io: Io, read?: LineReader): Promise<FlowText[]> {
  const flows = [...flowsFromWords(words, read), ...(file === undefined ? [] : await flowsFromFile(file, io, read))];
  if (flows.length === 0) throw usageError('no flow is given', 'give flows as words, or a --file');
  return flows;
}

const etag = ({ ifMatch }: ChangeOptions): string | undefined => (ifMatch === undefined ? undefined : `"${ifMatch}"`);

async function transact(command: Command, io: Io, options: ChangeOptions, operations: readonly FlowOperation[]): Promise<void> {
  await withSession(command, io, async (session) => {
    tell(session, await session.send('PATCH', pathOf(options), { operations }, etag(options)));
  });
}

async function replace(command: Command, io: Io, options: ChangeOptions, flows: readonly FlowText[]): Promise<void> {
  await withSession(command, io, async (session) => {
    tell(session, await session.send('PUT', pathOf(options), { flows }, etag(options)));
  });
}

const tell = (session: Session, answer: Awaited<ReturnType<Session['send']>>): void =>
  session.show<Wire<FlowResultView>>(
    answer,
    (r) => `generation ${r.generation}: ${r.added} added, ${r.modified} modified, ${r.deleted} deleted`,
  );

const flowTable = (flows: readonly Wire<InstalledFlowView>[]): string =>
  table(
    ['ID', 'OWNER', 'BAND', 'packets', 'bytes', 'FLOW'],
    flows.map(({ id, owner, band, packets, bytes, flow }) => [
      String(id),
      owner.kind === 'tenant' ? owner.tenant : 'operator',
      band,
      String(packets),
      String(bytes),
      formatOfctl(flow as FlowText),
    ]),
    ['ID', 'packets', 'bytes'],
  );
