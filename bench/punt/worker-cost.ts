import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { summarize, type Summary } from '../measure/stats.js';
import { run } from '../support/process.js';

const Line = Type.Object({ scenario: Type.String(), cyclesPerPacket: Type.Object({ median: Type.Number() }) });

/** Rounds of 2,048 packets. */
const rounds = 400;

/** Cycles a packet of the worker, from the parser on: where a rule drops it, and where a rule punts it and its ring has room. */
export async function workerCost(tree: string, runs: number): Promise<{ readonly drop: Summary; readonly punt: Summary }> {
  const binary = join(tree, 'build/native-tests/bench-native/pipeline-bench');
  await access(binary).catch((error: unknown) => {
    throw new Error(`${binary} is not built; type: npm test -- instructions`, { cause: error });
  });
  const found = { drop: [] as number[], punt: [] as number[] };
  for (let i = 0; i < runs; i++) {
    const lines = await run('taskset', ['--cpu-list', '1', binary, String(rounds), 'drop', 'punt']);
    for (const text of lines.trim().split('\n')) {
      const line: unknown = JSON.parse(text);
      if (!Value.Check(Line, line)) throw new Error(`not a line of pipeline-bench: ${text}`);
      found[line.scenario === 'punt' ? 'punt' : 'drop'].push(line.cyclesPerPacket.median);
    }
  }
  return { drop: summarize(found.drop), punt: summarize(found.punt) };
}
