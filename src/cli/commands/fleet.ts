import { Command } from 'commander';
import type { Io } from '../io.js';

interface UpOptions {
  readonly detach?: boolean;
  readonly keepGoing?: boolean;
}

/** What a fleet does is loaded when it is asked for: commands that only talk to a switch start fast. */
export function fleetCommand(io: Io): Command {
  const fleet = new Command('fleet').description('the instances of a directory of configs, a process each');
  const json = (command: Command): boolean => command.optsWithGlobals<{ json?: boolean }>().json === true;
  fleet
    .command('check')
    .description('check the configs, by themselves and beside each other; starts nothing')
    .argument('<directory>', 'with a *.config.ts or *.json file for each instance')
    .action(async function (this: Command, directory: string) {
      const { checkFleet } = await import('../run-fleet.js');
      await checkFleet(directory, json(this), io);
    });
  fleet
    .command('up')
    .description('check the configs, then run an instance of each until SIGINT or SIGTERM; one that fails is started again')
    .argument('<directory>', 'with a *.config.ts or *.json file for each instance')
    .option('--detach', 'return when all answer; they run until `fleet down`')
    .option('--keep-going', 'run the others where a config has faults or an instance does not start')
    .action(async (directory: string, { detach = false, keepGoing = false }: UpOptions) => {
      const { upFleet } = await import('../run-fleet.js');
      await upFleet(directory, { detach, keepGoing }, io);
    });
  fleet
    .command('status')
    .alias('list')
    .description('the instances: process, state, ports, CPU time of the last second, memory; exit code 1 where one is not up')
    .argument('[directory]', 'only its fleet (default: all that run here)')
    .action(async function (this: Command, directory?: string) {
      const { fleetStatus } = await import('../fleet-status.js');
      await fleetStatus(directory, json(this), io);
    });
  fleet
    .command('down')
    .description('end a fleet, also one whose supervisor was killed')
    .argument('<directory>', 'as it was given to `fleet up`')
    .action(async (directory: string) => {
      const { downFleet } = await import('../run-fleet.js');
      await downFleet(directory, io);
    });
  return fleet;
}
