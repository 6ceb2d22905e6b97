import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a child process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const prelude = `
import { loadAddon } from '${new URL('../../../src/switch/binding.ts', import.meta.url).href}';
import { startOptions, nullPort, until } from '${new URL('./switch.ts', import.meta.url).href}';
const addon = loadAddon();
`;

/**
 * Runs a script in a process of its own, since DPDK starts once in a process and the tests are about how processes end.
 * @param script TypeScript module code with `addon` and the exports of support/switch.ts in scope.
 * @param onOutput called with everything printed so far; may signal the child.
 */
export async function runChild(
  script: string,
  onOutput: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<Ending> {
  const child = spawn(process.execPath, ['--expose-gc', '--import=tsx', '--input-type=module', '--eval', prelude + script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput(stdout, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
