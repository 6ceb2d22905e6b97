import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseCommand } from './command.js';
import { drawPng, drawSvg } from './figure.js';
import type { Result } from './result.js';
import { runScenario } from './run-scenario.js';
import { run } from './support/process.js';
import { withScope, type Scope } from './support/scope.js';

const resultsDir = fileURLToPath(new URL('results/', import.meta.url));

async function save(result: Result, title: string): Promise<string> {
  const base = resultsDir + result.scenario;
  const svg = drawSvg(result, title);
  await mkdir(resultsDir, { recursive: true });
  await writeFile(`${base}.json`, JSON.stringify(result, null, 2) + '\n');
  await writeFile(`${base}.svg`, svg);
  await writeFile(`${base}.png`, drawPng(svg));
  return `${base}.png`;
}

/** The first signal closes the scope, which ends the children and gives the hugepages back; then the process ends as signalled. */
function closeOnSignal(scope: Scope): void {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const)
    process.once(signal, () => void scope.close().finally(() => process.exit(128 + number)));
}

async function main(): Promise<void> {
  const { scenario, json, options } = parseCommand(process.argv.slice(2));
  if (availableParallelism() < 2) throw new Error('two cores are needed: one for the polling thread, one for everything else');
  // The measured core is left to the polling threads.
  await run('taskset', ['--all-tasks', '--pid', '--cpu-list', '0', String(process.pid)]);
  const result = await withScope((scope) => {
    closeOnSignal(scope);
    return runScenario(scenario, options, scope);
  });
  const picture = await save(result, scenario.title);
  options.log(`picture: ${picture}`);
  process.stdout.write((json ? JSON.stringify(result) : describe(result)) + '\n');
}

const describe = ({ cyclesPerPacket: { ours, peer }, spread, ratio, peer: name, floor }: Result): string =>
  [
    `ours ${ours ?? '-'} cycles/packet ${JSON.stringify(spread.ours)}, ${name} ${peer ?? '-'} ${JSON.stringify(spread.peer)}`,
    `floor ${floor ? `${floor.name} ${floor.cyclesPerPacket}` : '-'}, ratio ${ratio ?? '-'}`,
  ].join('\n');

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
