import type { Result } from './result.js';
import type { Subject } from './subject.js';
import type { Scope } from './support/scope.js';

export interface Options {
  readonly flows: number;
  readonly runs: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Names of the subjects to measure. */
  readonly only: readonly string[] | undefined;
  /** The tree whose build is ours. */
  readonly tree: string;
  /** Measured instead of all rivals: this switch as it was. */
  readonly against?: Subject;
  readonly log: (line: string) => void;
}

/** A question that a benchmark answers. Most are made by `forwarding` (forwarding.ts): the same work, done by ours, by a peer, by a floor. */
export interface Scenario {
  readonly name: string;
  /** The figure's title. */
  readonly title: string;
  /** Names of what it can measure. */
  readonly subjects: readonly string[];
  readonly defaultFlows: number;
  readonly maxFlows: number;
  /** Can measure ours against an older ours. */
  readonly comparable: boolean;
  run(options: Options, scope: Scope): Promise<Result>;
}
