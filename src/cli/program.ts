import { Command } from 'commander';
import { errorCatalogue } from '../model/errors.js';
import { packageVersion } from '../version.js';
import { checkCommand } from './commands/check.js';
import { ctCommand } from './commands/ct.js';
import { completionCommand } from './commands/completion.js';
import { fleetCommand } from './commands/fleet.js';
import { flowsCommand } from './commands/flows.js';
import { hostCommand } from './commands/host.js';
import { groupsCommand, metersCommand } from './commands/stock.js';
import { invoiceCommand } from './commands/invoice.js';
import { labCommand } from './commands/lab.js';
import { parserCommand } from './commands/parser.js';
import { pluginCommand } from './commands/plugin.js';
import { policyCommand } from './commands/policy.js';
import { portsCommand } from './commands/ports.js';
import { priceCommand } from './commands/price.js';
import { replayCommand } from './commands/replay.js';
import { runCommand } from './commands/run.js';
import { sharesCommand } from './commands/shares.js';
import { tablesCommand } from './commands/tables.js';
import { tenantsCommand } from './commands/tenants.js';
import { topCommand } from './commands/top.js';
import { traceCommand } from './commands/trace.js';
import { usageCommand } from './commands/usage.js';
import { versionCommand } from './commands/version.js';
import type { Io } from './io.js';

const commands = [
  runCommand,
  checkCommand,
  replayCommand,
  labCommand,
  fleetCommand,
  hostCommand,
  flowsCommand,
  groupsCommand,
  metersCommand,
  tablesCommand,
  parserCommand,
  ctCommand,
  traceCommand,
  portsCommand,
  tenantsCommand,
  sharesCommand,
  policyCommand,
  pluginCommand,
  usageCommand,
  invoiceCommand,
  priceCommand,
  topCommand,
  versionCommand,
  completionCommand,
] as const;

/** The command line. Errors are thrown, not printed. */
export function createProgram(io: Io): Command {
  const program = new Command('vswitch')
    .description('A tenant virtual switch for vswitch-VMs')
    .option('--socket <path>', 'API socket of the switch (default: $VSWITCH_SOCKET, or the only one that runs here)')
    .option('--url <url>', 'API over TCP, for example http://127.0.0.1:8080, with the token in $VSWITCH_TOKEN')
    .option('--json', 'print JSON, for programs')
    .version(packageVersion, '-V, --version')
    .addHelpText('after', exitCodes);
  for (const make of commands) program.addCommand(make(io));
  return quiet(program, io);
}

/** Exit codes as the error catalogue has them, for --help. */
const exitCodes = (): string => {
  const byExit = new Map<number, string[]>();
  for (const [code, { exit }] of Object.entries(errorCatalogue)) byExit.set(exit, [...(byExit.get(exit) ?? []), code]);
  const lines = [...byExit].sort(([a], [b]) => a - b).map(([exit, codes]) => `  ${exit}  ${codes.join(', ')}`);
  return `\nExit codes:\n  0   done\n  1   \`flows diff\` or \`host verify\` found a difference, or a check failed\n${lines.join('\n')}`;
};

/** Lets every command throw instead of ending the process, and write through `io`. */
function quiet(command: Command, io: Io): Command {
  command
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) });
  for (const child of command.commands) quiet(child, io);
  return command;
}
