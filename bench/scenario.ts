import type { ForwardRule, Subject } from './subject.js';

/** A question that a benchmark answers: the same work, done by ours, by a peer, and by the floor below both. */
export interface Scenario {
  readonly name: string;
  /** The figure's title. */
  readonly title: string;
  readonly ours: Subject;
  readonly peer: Subject;
  readonly floor: Subject;
  readonly defaultFlows: number;
  readonly maxFlows: number;
  /** The frames of the capture, a flow each. */
  readonly frames: (flows: number) => Buffer[];
  readonly rule: ForwardRule;
}
