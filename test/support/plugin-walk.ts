import type { ConntrackText } from '../../src/model/action.js';
import type { MatchText } from '../../src/model/match.js';
import type { Outcome, PluginBench } from '../../src/plugins/testing/index.js';

type Action = NonNullable<Outcome['actions']>[number];

/** What a conntrack finds, where the packet is of no connection: `+trk+new`. */
export interface Found {
  readonly ct_state?: string;
  readonly ct_mark?: number;
}

export interface Walk {
  /** `pass`: on to who follows. */
  readonly verdict: 'pass' | 'drop' | 'punt' | 'output';
  /** What was done on the way, but for look-ups and what only moves the packet on. */
  readonly done: readonly Action[];
  readonly commit: ConntrackText | undefined;
  readonly lookups: number;
  /** Low bits, at its end. */
  readonly metadata: bigint;
}

/** Takes a frame through a plugin's rules, look-up after look-up, as the data plane does; conntrack finds what the test says. */
export function walk(
  bench: PluginBench,
  frame: Uint8Array,
  { port, found = {}, fields = {} }: { readonly port: string; readonly found?: Found; readonly fields?: MatchText },
): Walk {
  let now: MatchText = fields;
  let metadata = BigInt(fields.metadata ?? 0);
  let commit: ConntrackText | undefined;
  const done: Action[] = [];
  const write = (written: string | number, mask?: string | number): void => {
    const [value = '0', over = '0xffffffff'] = String(mask === undefined ? written : `${written}/${mask}`).split('/');
    metadata = (metadata & ~BigInt(over)) | BigInt(value);
  };
  for (let lookups = 1; lookups <= 32; lookups++) {
    const { actions } = bench.send(frame, { port, fields: { ...now, metadata: `0x${metadata.toString(16)}` } });
    const end = (verdict: Walk['verdict']): Walk => ({ verdict, done, commit, lookups, metadata });
    if (!actions) return end('pass');
    let again = false;
    for (const action of actions) {
      if (action.type === 'conntrack') {
        if (action.commit === true) commit = action;
        now = { ...now, ct_zone: action.zone ?? 0, ct_state: found.ct_state ?? '+trk+new', ct_mark: found.ct_mark ?? 0 };
      } else if (action.type === 'write_metadata') write(action.value ?? 0, action.mask);
      else if (action.type === 'set_field' && action.field === 'metadata') write(action.value);
      else if (action.type === 'resubmit') again = true;
      else if (action.type === 'continue') return end('pass');
      else done.push(action);
    }
    if (again) continue;
    const last = (['punt', 'output'] as const).find((name) => actions.some(({ type }) => type === name));
    return end(last ?? 'drop');
  }
  throw new Error('the packet was looked up 32 times');
}
