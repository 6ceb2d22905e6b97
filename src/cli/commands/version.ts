import { Command } from 'commander';
import { packageVersion } from '../../version.js';
import type { Io } from '../io.js';

export const versionCommand = (io: Io): Command =>
  new Command('version').description('show the version of this program').action(function (this: Command) {
    const { json } = this.optsWithGlobals<{ json?: boolean }>();
    io.out(
      json
        ? JSON.stringify({ version: packageVersion, node: process.version })
        : `vswitch ${packageVersion}, Node ${process.version}`,
    );
  });
