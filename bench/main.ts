import { availableParallelism } from 'node:os';
import { parseCommand, type Command } from './command.js';
import { compareWith, describeDifference } from './compare.js';
import { saveResult, saveSummary, describe } from './save.js';
import type { Result } from './result.js';
import { run } from './support/process.js';
import { withScope, type Scope } from './support/scope.js';

/** The first signal closes the scope, which ends the children and gives the hugepages back; then the process ends as signalled. */
function closeOnSignal(scope: Scope): void {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const)
    process.once(signal, () => void scope.close().finally(() => process.exit(128 + number)));
}

/** Runs the scenarios one after the other; one that fails does not keep the others from running. */
async function runAll({ scenarios, json, optionsFor }: Command, scope: Scope): Promise<void> {
  const results: Result[] = [];
  const failed: string[] = [];
  for (const scenario of scenarios) {
    const options = optionsFor(scenario);
    try {
      if (scenarios.length > 1) options.log(`== ${scenario.name}`);
      const result = await withScope((inner) => scenario.run(options, inner), scope);
      options.log(`written: ${await saveResult(result, scenario.title)}`);
      results.push(result);
      process.stdout.write((json ? JSON.stringify(result) : describe(result)) + '\n');
    } catch (error) {
      if (scenarios.length === 1) throw error;
      failed.push(scenario.name);
      options.log(`${scenario.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (scenarios.length > 1) process.stderr.write(await saveSummary(results));
  if (failed.length > 0) throw new Error(`failed: ${failed.join(', ')}`);
}

async function compare({ scenarios, json, optionsFor }: Command, ref: string, scope: Scope): Promise<void> {
  const differences = await compareWith(ref, scenarios, optionsFor, scope);
  process.stdout.write((json ? JSON.stringify(differences) : differences.map(describeDifference).join('\n')) + '\n');
}

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  if (availableParallelism() < 2) throw new Error('two cores are needed: one for the polling thread, one for everything else');
  // The measured core is left to the polling threads.
  await run('taskset', ['--all-tasks', '--pid', '--cpu-list', '0', String(process.pid)]);
  await withScope((scope) => {
    closeOnSignal(scope);
    return command.compare === undefined ? runAll(command, scope) : compare(command, command.compare, scope);
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
