import { Command, Option } from 'commander';
import type { Io } from '../io.js';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export const runCommand = (_io: Io): Command =>
  new Command('run')
    .description('run a switch until SIGINT or SIGTERM; logs JSON lines on standard error')
    .argument('<config>', 'a *.config.ts or JSON file')
    .addOption(new Option('--log-level <level>', 'what to log').choices(levels).default('info'))
    .action(async (file: string, { logLevel }: { logLevel: string }) => {
      // Loaded here so that commands which only talk to a switch start fast.
      const { runSwitch } = await import('../run-switch.js');
      await runSwitch(file, logLevel);
    });
