import { parseArgs } from 'node:util';
import { thisTree } from './ours.js';
import type { Options, Scenario } from './scenario.js';
import { scenarios } from './scenarios/index.js';

const usage = `usage: npm run bench -- [SCENARIO...] [options]
scenarios: ${scenarios.map((s) => s.name).join(', ')}; all of them where none is named
  --json            the last line is the result as JSON (progress goes to standard error)
  --flows N         different flows in the traffic (default: the scenario's)
  --runs N          process starts of each subject (default 5)
  --warm-up MS      before each measurement (default 1000)
  --window MS       of each measurement (default 2000)
  --only A,B        only these subjects, for example ovs-dpdk,testpmd-macswap
  --tree DIR        measure the switch in another checkout
  --compare REF     measure this tree beside that commit of it, interleaved, and say what differs beyond the noise`;

export interface Command {
  readonly scenarios: readonly Scenario[];
  readonly json: boolean;
  readonly compare: string | undefined;
  readonly optionsFor: (scenario: Scenario) => Options;
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
      tree: { type: 'string', default: thisTree },
      compare: { type: 'string' },
    },
  });
  const known = values.compare === undefined ? scenarios : scenarios.filter(({ comparable }) => comparable);
  const chosen = positionals.length === 0 ? known : positionals.map(scenarioNamed);
  const alone = values.compare === undefined ? undefined : chosen.find(({ comparable }) => !comparable);
  if (alone) throw new Error(`--compare: ${alone.name} does not measure ours against an older ours`);
  const only = values.only?.split(',');
  for (const { name, subjects } of chosen) {
    const stranger = only?.find((subject) => !subjects.includes(subject));
    if (stranger !== undefined) throw new Error(`--only ${stranger}: ${name} knows ${subjects.join(', ')}\n${usage}`);
  }
  const limits = chosen.map(({ maxFlows }) => maxFlows);
  const flows = values.flows === undefined ? undefined : whole('flows', values.flows, Math.min(...limits));
  const options = {
    runs: whole('runs', values.runs, 100),
    warmUpMs: whole('warm-up', values['warm-up'], 600_000),
    windowMs: whole('window', values.window, 600_000),
    only,
    tree: values.tree,
    log: (line: string) => void process.stderr.write(line + '\n'),
  };
  const optionsFor = ({ defaultFlows }: Scenario): Options => ({ ...options, flows: flows ?? defaultFlows });
  return { scenarios: chosen, json: values.json, compare: values.compare, optionsFor };
}

function scenarioNamed(name: string): Scenario {
  const scenario = scenarios.find((s) => s.name === name);
  if (!scenario) throw new Error(`no scenario ${name}\n${usage}`);
  return scenario;
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new Error(`--${name} ${text}: a whole number from 1 to ${max}\n${usage}`);
  return value;
}
