import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { round } from './measure/stats.js';
import { oursIn, thisTree } from './ours.js';
import type { Result } from './result.js';
import type { Options, Scenario } from './scenario.js';
import { run } from './support/process.js';
import { withScope, type Scope } from './support/scope.js';

/** Below it two medians are called equal whatever their ranges. */
const leastShare = 0.02;

export interface Difference {
  readonly scenario: string;
  readonly thisTree: number;
  readonly other: number;
  /** This tree over the other, less one: below 0 it became cheaper. */
  readonly change: number;
  /** The ranges of the process starts do not meet, and the medians are 2 % apart or more. */
  readonly beyondNoise: boolean;
}

/** @throws Error where one of the two was not measured. */
export function differenceOf({ scenario, cyclesPerPacket, spread }: Result): Difference {
  const [mine, other] = [cyclesPerPacket.ours, cyclesPerPacket.peer];
  if (mine === null || other === null || !spread.ours || !spread.peer) throw new Error(`${scenario}: not measured on both sides`);
  const apart = spread.ours[1] < spread.peer[0] || spread.peer[1] < spread.ours[0];
  const change = round(mine / other - 1, 3);
  return { scenario, thisTree: mine, other, change, beyondNoise: apart && Math.abs(change) >= leastShare };
}

export const describeDifference = ({ scenario, thisTree: mine, other, change, beyondNoise }: Difference): string =>
  `${scenario}: ${mine} cycles/packet, was ${other} (${change > 0 ? '+' : ''}${round(change * 100, 1)} %)` +
  (beyondNoise ? (change > 0 ? ': SLOWER' : ': faster') : ': within the noise');

/** Measures this tree and a commit of it in turn, scenario by scenario. */
export async function compareWith(
  ref: string,
  scenarios: readonly Scenario[],
  optionsFor: (scenario: Scenario) => Options,
  scope: Scope,
): Promise<Difference[]> {
  const other = oursIn(await buildOther(ref, scope), ref);
  const differences: Difference[] = [];
  for (const scenario of scenarios) {
    const options = { ...optionsFor(scenario), against: other };
    const result = await withScope((inner) => scenario.run(options, inner), scope);
    const difference = differenceOf(result);
    options.log(describeDifference(difference));
    differences.push(difference);
  }
  return differences;
}

/** A work tree of the commit with its addon and control plane built; `scope` removes it. */
async function buildOther(ref: string, scope: Scope): Promise<string> {
  const git = (...args: string[]) => run('git', ['-C', thisTree, ...args]);
  const commit = (await git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`).catch(() => '')).trim();
  if (commit === '') throw new Error(`--compare ${ref}: there is no such commit`);
  const parent = await mkdtemp(join(tmpdir(), 'vswitch-compare-'));
  scope.defer(() => rm(parent, { recursive: true, force: true }));
  const tree = join(parent, 'tree');
  await git('worktree', 'add', '--detach', tree, commit);
  scope.defer(async () => {
    await git('worktree', 'remove', '--force', tree);
  });
  const sameLock = await run('cmp', ['-s', join(thisTree, 'package-lock.json'), join(tree, 'package-lock.json')]).then(
    () => true,
    () => false,
  );
  if (sameLock) await symlink(join(thisTree, 'node_modules'), join(tree, 'node_modules'));
  else await run('npm', ['--prefix', tree, 'ci', '--ignore-scripts']);
  await run(join(tree, 'node_modules/.bin/cmake-js'), ['compile', '-d', tree, '-O', join(tree, 'build/cmake')]);
  return tree;
}
