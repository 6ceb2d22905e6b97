import { Argument, Command } from 'commander';
import { completionScript, shells, type Shell } from '../completion.js';
import type { Io } from '../io.js';

export const completionCommand = (io: Io): Command =>
  new Command('completion')
    .description('print the completion script of a shell, for example: source <(vswitch completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action(function (this: Command, shell: Shell) {
      io.out(completionScript(rootOf(this), shell));
    });

const rootOf = (command: Command): Command => (command.parent ? rootOf(command.parent) : command);
