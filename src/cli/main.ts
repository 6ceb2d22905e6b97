import { CommanderError } from 'commander';
import { asVswitchError, errorCatalogue } from '../model/errors.js';
import { ExitCode, explain, processIo, type Io } from './io.js';
import { createProgram } from './program.js';

/** Runs one command line. @returns the exit code. */
export async function main(args: readonly string[], io: Io = processIo): Promise<number> {
  try {
    await createProgram(io).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : errorCatalogue.REQUEST_INVALID.exit;
    if (thrown instanceof ExitCode) return thrown.code;
    const error = asVswitchError(thrown);
    io.err(explain(error));
    if (error.code === 'INTERNAL' && io.env['VSWITCH_DEBUG'] !== undefined) io.err(String(error.stack));
    return errorCatalogue[error.code].exit;
  }
}
