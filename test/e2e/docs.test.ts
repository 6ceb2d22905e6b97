import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { removeLab } from '../../src/lab/lab.js';
import { consoleBlocks, holdsLine, type ConsoleCommand } from '../support/console-blocks.js';
import { root } from '../support/source-tree.js';
import { labFor, labName } from './support/lab.js';

// Every command that the documentation shows is run, in the file's order, and has to end and answer as it is written there. The
// lab is another than the one which somebody may have up.
const lab = labName('docs');
const socket = `/run/mts-vswitch/${lab}.sock`;
const bin = mkdtempSync(join(tmpdir(), 'docs-'));
symlinkSync(join(root, 'bin/vswitch.js'), join(bin, 'vswitch'));
const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, VSWITCH_LAB: lab, VSWITCH_SOCKET: socket };
test.after.always(async () => {
  rmSync(bin, { recursive: true });
  await removeLab(lab);
});

/** These bring up their labs themselves, or need none. */
const withoutLab = ['README.md', 'docs/getting-started.md', 'docs/lab.md', 'docs/fleet.md', 'docs/host.md'];
const files = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))];

for (const file of files.filter((name) => name.endsWith('.md'))) {
  const blocks = consoleBlocks(readFileSync(join(root, file), 'utf8').replaceAll('mtslab', lab));
  if (blocks.length === 0) continue;
  test.serial(`${file} says what is so`, async (t) => {
    t.timeout(180_000);
    if (!withoutLab.includes(file)) await labFor(t, lab);
    for (const { line, exit, commands } of blocks) {
      for (const [i, command] of commands.entries()) {
        await holds(t, command, i === commands.length - 1 ? exit : 0, `${file}:${line}`);
      }
    }
  });
}

async function holds(t: ExecutionContext, { command, lines }: ConsoleCommand, exit: number, where: string): Promise<void> {
  const { code, output } = await shell(command);
  t.is(code, exit, `${where}: ${command}\n${output}`);
  for (const line of lines) t.true(holdsLine(output, line), `${where}: ${command}\nhas no line: ${line}\n${output}`);
}

function shell(command: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', command], { cwd: root, env, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, output: stdout + stderr });
    });
  });
}
