import type { Flow } from '../model/flow.js';
import type { Group } from '../model/group.js';
import type { Meter } from '../model/meter.js';
import { actionsKey, sameActions } from './syntax/action-text.js';

/** What to do to a set of flows so that it becomes another. Flows are told apart by their keys. */
export interface FlowDiff<Now, Wanted> {
  readonly added: readonly Wanted[];
  /** Same key, another effect. */
  readonly modified: readonly { readonly now: Now; readonly wanted: Wanted }[];
  readonly removed: readonly Now[];
}

type Told = Pick<Flow, 'actions' | 'cookie' | 'idleTimeout' | 'hardTimeout'>;

/** Takes time that grows with the two sets' sizes. */
export function diff<Now, Wanted>(
  now: ReadonlyMap<string, Now>,
  wanted: ReadonlyMap<string, Wanted>,
  flowNow: (now: Now) => Told,
  flowWanted: (wanted: Wanted) => Told,
): FlowDiff<Now, Wanted> {
  const added: Wanted[] = [];
  const modified: { now: Now; wanted: Wanted }[] = [];
  for (const [key, flow] of wanted) {
    const there = now.get(key);
    if (there === undefined) added.push(flow);
    else if (!sameEffect(flowNow(there), flowWanted(flow))) modified.push({ now: there, wanted: flow });
  }
  const removed = [...now].filter(([key]) => !wanted.has(key)).map(([, flow]) => flow);
  return { added, modified, removed };
}

/** Whether two flows of one identity do the same. */
export const sameEffect = (a: Told, b: Told): boolean =>
  a === b ||
  (a.cookie === b.cookie &&
    a.idleTimeout === b.idleTimeout &&
    a.hardTimeout === b.hardTimeout &&
    sameActions(a.actions, b.actions));

export const sameMeter = (a: Meter, b: Meter): boolean => meterKey(a) === meterKey(b);

/** Whether groups do the same, whatever their ids. */
export const sameBuckets = (a: Buckets, b: Buckets): boolean => groupKey(a) === groupKey(b);

type Buckets = Omit<Group, 'group'>;

const groupKey = ({ type, hash, buckets }: Buckets): string =>
  [type, hash, ...buckets.map((b) => [b.weight, b.watchPort, b.watchGroup, actionsKey(b.actions)].join(' '))].join('\n');

const meterKey = ({ kind, unit, cir, cbs, secondRate, secondBurst, yellow, red }: Meter): string =>
  [kind, unit, cir, cbs, secondRate, secondBurst, yellow.verdict, yellow.dscp, red.verdict, red.dscp].join(' ');
