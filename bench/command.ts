import { parseArgs } from 'node:util';
import type { Options } from './run-scenario.js';
import type { Scenario } from './scenario.js';
import { p2p } from './scenarios/p2p.js';

const scenarios: readonly Scenario[] = [p2p];

const usage = `usage: npm run bench -- SCENARIO [options]
scenarios: ${scenarios.map((s) => s.name).join(', ')}
  --json            the last line is the result as JSON (progress goes to standard error)
  --flows N         different destinations (default: the scenario's)
  --runs N          process starts of each subject (default 5)
  --warm-up MS      before each measurement (default 1000)
  --window MS       of each measurement (default 2000)
  --only A,B        only these subjects, for example ovs-dpdk,testpmd-macswap`;

export interface Command {
  readonly scenario: Scenario;
  readonly json: boolean;
  readonly options: Options;
}

/** Throws an Error with the usage where the arguments make no sense. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      flows: { type: 'string' },
      runs: { type: 'string', default: '5' },
      'warm-up': { type: 'string', default: '1000' },
      window: { type: 'string', default: '2000' },
      only: { type: 'string' },
    },
  });
  const scenario = scenarios.find((s) => s.name === positionals[0]);
  if (!scenario || positionals.length !== 1) throw new Error(usage);
  const whole = (name: string, text: string, max: number): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > max)
      throw new Error(`--${name} ${text}: a whole number from 1 to ${max}\n${usage}`);
    return value;
  };
  const only = values.only?.split(',');
  const known = [scenario.ours, scenario.peer, scenario.floor].map((s) => s.name);
  const stranger = only?.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`--only ${stranger}: known are ${known.join(', ')}\n${usage}`);
  return {
    scenario,
    json: values.json,
    options: {
      flows: whole('flows', values.flows ?? String(scenario.defaultFlows), scenario.maxFlows),
      runs: whole('runs', values.runs, 100),
      warmUpMs: whole('warm-up', values['warm-up'], 600_000),
      windowMs: whole('window', values.window, 600_000),
      only,
      log: (line) => process.stderr.write(line + '\n'),
    },
  };
}
