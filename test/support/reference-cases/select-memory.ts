import type { Alternative } from '../reference/outcomes.js';

/**
 * Which bucket a select group has for a flow: any, but always the same one (OpenFlow 1.3.5, section 5.6.1, leaves the rest open). Keeps
 * what is still possible, since buckets may do the same.
 */
export class SelectMemory {
  readonly #possible = new Map<string, ReadonlySet<number>>();

  /**
   * @param agreeing outcomes of one packet that are what the switch did.
   * @returns what was chosen otherwise before.
   */
  contradiction(agreeing: readonly Alternative[]): string | undefined {
    const firsts = agreeing.map(({ choices }) => choices[0]);
    const what = firsts[0]?.what;
    // Only the first choice is the same one in all of them.
    if (what === undefined || what === 'flow') return undefined;
    const key = `${what.group.group}/${what.flow}`;
    const now = new Set(firsts.flatMap((choice) => (choice ? [choice.index] : [])));
    const before = this.#possible.get(key) ?? now;
    const both = new Set([...now].filter((index) => before.has(index)));
    this.#possible.set(key, both);
    return both.size > 0
      ? undefined
      : `the flow went to one of the live buckets ${[...before].join()} before, now to ${[...now].join()}`;
  }
}
