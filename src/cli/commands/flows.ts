import { Command } from 'commander';
import type { FlowListView, InstalledFlowView } from '../../api/schemas/flows.js';
import type { Wire } from '../../api/schemas/usage.js';
import { formatOfctl, type OfctlFlow } from '../../flow/syntax/ofctl.js';
import type { FlowSelector, FlowText } from '../../model/flow.js';
import { ownerName } from '../../model/ids.js';
import { ifMatchOption, pathOf, replace, tenantOption, transact, type ChangeOptions, type OwnerOptions } from '../flow-change.js';
import { diffFlows } from '../flow-diff.js';
import { flowsFromFile, flowsFromWords, readIdentity, type LineReader } from '../flow-input.js';
import { ExitCode, usageError, type Io } from '../io.js';
import { withSession } from '../session.js';
import { table } from '../table.js';

interface LooseOptions extends ChangeOptions {
  readonly loose?: boolean;
}

/** `flows`: of the operator, or with --tenant of a tenant. */
export function flowsCommand(io: Io): Command {
  const flows = new Command('flows').description('show and change flows; given as JSON or in ovs-ofctl syntax');
  listCommand(flows, io);
  addCommand(flows, io);
  modifyCommand(flows, io);
  deleteCommand(flows, io);
  flows
    .command('replace')
    .description("make a file the owner's whole set; flows that stay keep their counters")
    .option(...tenantOption)
    .argument('<file>', 'JSON, or ovs-ofctl lines; - is standard input')
    .option(...ifMatchOption)
    .action(async function (this: Command, file: string, options: ChangeOptions) {
      await replace(this, io, options, { flows: await flowsFromFile(file, io) });
    });
  diffCommand(flows, io);
  return flows;
}

function listCommand(flows: Command, io: Io): void {
  flows
    .command('list', { isDefault: true })
    .alias('dump')
    .description('show flows and their counters')
    .option(...tenantOption)
    .option('-a, --all', "everybody's, also derived ones and guards")
    .option('--ofctl', 'one ovs-ofctl line a flow')
    .action(async function (this: Command, options: OwnerOptions & { all?: boolean; ofctl?: boolean }) {
      const path = options.all === true ? '/v1/flows?owner=all' : pathOf(options, 'flows');
      await withSession(this, io, async (session) => {
        session.show<Wire<FlowListView>>(await session.send('GET', path), ({ flows: list }) =>
          options.ofctl === true ? list.map(({ flow }) => formatOfctl(flow as FlowText)).join('\n') : flowTable(list),
        );
      });
    });
}

function addCommand(flows: Command, io: Io): void {
  change(flows, 'add', 'add flows, all or none')
    .argument('[flow...]', 'for example: in_port=p1,ip,nw_dst=10.0.0.0/24,actions=output:p2')
    .option('--check-overlap', 'refuse a flow where another of its table and priority could match the same packet')
    .action(async function (this: Command, words: string[], options: ChangeOptions & { checkOverlap?: boolean }) {
      const given = await flowsGiven(words, options, io);
      const check = options.checkOverlap === true ? { check_overlap: true } : {};
      await transact(
        this,
        io,
        options,
        given.map((flow) => ({ op: 'add', flow, ...check })),
      );
    });
}

function modifyCommand(flows: Command, io: Io): void {
  change(flows, 'modify', 'change the actions of flows, all or none')
    .alias('mod')
    .argument('[flow...]', 'as for add; with cookie=VALUE/MASK, only flows with such a cookie')
    .option('--loose', 'of each flow that is matched by this one, whatever its priority (ovs-ofctl without --strict)')
    .option('--reset-counts', 'count anew from now')
    .action(async function (this: Command, words: string[], options: LooseOptions & { resetCounts?: boolean }) {
      const given = await flowsGiven(words, options, io);
      const reset = options.resetCounts === true ? { reset_counts: true } : {};
      await transact(
        this,
        io,
        options,
        given.map((flow) => ({ op: 'modify', ...filtered(flow, options), ...reset })),
      );
    });
}

function deleteCommand(flows: Command, io: Io): void {
  change(flows, 'del', 'delete the flows with this table, priority and match, all or none')
    .alias('delete')
    .argument('[flow...]', 'as for add; actions are not looked at')
    .option('--all', 'delete every flow of the owner')
    .option('--loose', 'each flow that is matched by this one, whatever its priority (ovs-ofctl without --strict)')
    .option('--out-port <port>', 'only flows that output there')
    .option('--out-group <number>', 'only flows that send to this group', groupNumber)
    .action(async function (
      this: Command,
      words: string[],
      options: LooseOptions & { all?: boolean; outPort?: string; outGroup?: number },
    ) {
      if (options.all === true) return replace(this, io, options, { flows: [] });
      const given = await flowsGiven(words, options, io, readIdentity);
      const { outPort, outGroup } = options;
      const only = {
        ...(outPort === undefined ? {} : { out_port: outPort }),
        ...(outGroup === undefined ? {} : { out_group: outGroup }),
      };
      await transact(
        this,
        io,
        options,
        given.map((flow) => {
          const { flow: named, ...filter } = filtered(flow, options);
          return { op: 'delete', flow: selectorOf(named), ...filter, ...only };
        }),
      );
    });
}

function diffCommand(flows: Command, io: Io): void {
  flows
    .command('diff')
    .description('show what replace would change; exit code 1 if anything')
    .option(...tenantOption)
    .argument('<file>', 'JSON, or ovs-ofctl lines; - is standard input')
    .action(async function (this: Command, file: string, options: OwnerOptions) {
      const wanted = await flowsFromFile(file, io);
      await withSession(this, io, async (session) => {
        const now = (await session.get(pathOf(options, 'flows'))) as Wire<FlowListView>;
        const lines = diffFlows(
          now.flows.map(({ flow }) => flow as FlowText),
          wanted,
        );
        if (session.json) io.out(JSON.stringify({ changes: lines }));
        else for (const { sign, flow } of lines) io.out(`${sign} ${flow}`);
        if (lines.length > 0) throw new ExitCode(1);
      });
    });
}

const change = (flows: Command, name: string, description: string): Command =>
  flows
    .command(name)
    .description(description)
    .option(...tenantOption)
    .option('-f, --file <path>', 'JSON, or ovs-ofctl lines; - is standard input')
    .option(...ifMatchOption)
    .option('--ofctl', 'all flows given are ovs-ofctl lines');

/** A cookie's mask belongs to the operation, and so does whether it is strict. */
function filtered({ cookie_mask: mask, ...flow }: OfctlFlow, { loose }: LooseOptions) {
  return { flow, ...(mask === undefined ? {} : { cookie_mask: mask }), ...(loose === true ? { strict: false } : {}) };
}

const selectorOf = ({ actions: _, idle_timeout: _idle, hard_timeout: _hard, ...named }: FlowText): FlowSelector => named;

function groupNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw usageError(`${text} is no number of a group`, 'give for example --out-group 7');
}

async function flowsGiven(
  words: readonly string[],
  { file, ofctl }: ChangeOptions & { readonly ofctl?: boolean },
  io: Io,
  read?: LineReader,
): Promise<OfctlFlow[]> {
  const ofFile = file === undefined ? [] : await flowsFromFile(file, io, read, ofctl);
  const flows = [...flowsFromWords(words, read, ofctl), ...ofFile];
  if (flows.length === 0) throw usageError('no flow is given', 'give flows as words, or a --file');
  return flows;
}

const flowTable = (flows: readonly Wire<InstalledFlowView>[]): string =>
  table(
    ['ID', 'OWNER', 'BAND', 'AGE', 'packets', 'bytes', 'FLOW'],
    flows.map(({ id, owner, band, durationMs, packets, bytes, flow }) => [
      String(id),
      ownerName(owner),
      band,
      `${Math.floor(durationMs / 1000)}s`,
      String(packets),
      String(bytes),
      formatOfctl(flow as FlowText),
    ]),
    ['ID', 'AGE', 'packets', 'bytes'],
  );
