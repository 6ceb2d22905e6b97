import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { milliseconds } from '../duration.js';
import type { Io } from '../io.js';

interface LabOptions {
  readonly lab: string;
  readonly config: string;
}
interface DemoOptions extends LabOptions {
  readonly for?: number;
}

const ownConfig = fileURLToPath(new URL('../../../config/lab.config.ts', import.meta.url));

/** What a lab does is loaded when it is asked for: commands that only talk to a switch start fast. */
export function labCommand(io: Io): Command {
  const lab = new Command('lab').description('a lab of network namespaces, with a switch in it; needs root');
  const withLab = (command: Command): Command =>
    command.addOption(
      new Option('--lab <name>', 'its name, so that several run side by side').env('VSWITCH_LAB').default('mtslab'),
    );
  const withConfig = (command: Command): Command =>
    withLab(command).option('--config <file>', 'a config; its VMs become namespaces', ownConfig);

  withConfig(lab.command('up'))
    .description('build a lab and start its switch, until `lab down`')
    .action(async (options: LabOptions) => {
      const { upLab } = await import('../run-lab.js');
      await upLab(options, io);
    });
  withLab(lab.command('down'))
    .description('end the switch of a lab and remove the lab')
    .action(async (options: { lab: string }) => {
      const { downLab } = await import('../run-lab.js');
      await downLab(options.lab, io);
    });
  withConfig(lab.command('demo'))
    .description('build a lab, send real packets through its switch, show it live, and remove the lab')
    .option('--for <duration>', 'end after this time, for example 20s or 5m (default: at Ctrl-C)', milliseconds)
    .action(async (options: DemoOptions) => {
      const { demoLab } = await import('../run-lab.js');
      await demoLab({ ...options, forMs: options.for ?? Infinity }, io);
    });
  return lab;
}
