import { Command } from 'commander';
import type { Io } from '../io.js';

export const checkCommand = (io: Io): Command =>
  new Command('check')
    .description('check a configuration without hardware; lists every fault')
    .argument('<config>', 'a *.config.ts or JSON file')
    .action(async function (this: Command, file: string) {
      const { checkFile } = await import('../../flow/check-file.js');
      await checkFile(file);
      const { json } = this.optsWithGlobals<{ json?: boolean }>();
      io.out(json ? JSON.stringify({ file, faults: [] }) : `${file}: no faults`);
    });
