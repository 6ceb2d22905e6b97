import type { Generation } from '../model/ids.js';
import type { Applied, RuleTransaction } from '../switch/types.js';

/** A change that is planned, and not yet applied. */
export interface Begun<Result> {
  readonly transaction: RuleTransaction;
  /** Nothing is applied together with it. */
  readonly alone: boolean;
  /** From here on plans are made as if it were applied. */
  foresee(): void;
  /** It was applied. */
  finish(generation: Generation): Result;
  /** It was not; whatever was begun later is cancelled before. */
  cancel(): void;
  /** What to tell of an error of the data plane. */
  explain(error: unknown): unknown;
}

/** Plans a change as things are; the result where there is nothing to apply. @throws where it cannot be. */
type Begin<Result> = () => Begun<Result> | { readonly result: Result };

interface Waiting<Result> {
  readonly begin: Begin<Result>;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

type Member<Result> = Waiting<Result> & { readonly begun: Begun<Result> };

/** More would let the first wait for the others' plans. */
const mostTogether = 64;

/**
 * Changes in the order of the calls. Those that come while others are applied are then applied together, in one call of the data
 * plane, each as a transaction of its own: one that fails touches no other.
 */
export class ChangeQueue<Result> {
  readonly #apply: (transactions: readonly RuleTransaction[]) => Promise<Applied>;
  readonly #waiting: Waiting<Result>[] = [];
  #running = false;

  constructor(apply: (transactions: readonly RuleTransaction[]) => Promise<Applied>) {
    this.#apply = apply;
  }

  add(begin: Begin<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ begin, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    await Promise.resolve(); // Who called goes on first.
    while (this.#waiting.length > 0) await this.#applySome();
    this.#running = false;
  }

  async #applySome(): Promise<void> {
    const group = this.#beginSome();
    if (group.length === 0) return;
    const { generations, fault } = await this.#apply(group.map(({ begun }) => begun.transaction)).catch(
      (error: unknown): Applied => ({ generations: [], fault: error }),
    );
    const failed = group.splice(generations.length);
    for (const { begun } of [...failed].reverse()) begun.cancel();
    generations.forEach((generation, i) => group[i]?.resolve(group[i].begun.finish(generation)));
    // Those after it were planned as if it were applied.
    this.#waiting.unshift(...failed.slice(1));
    failed[0]?.reject(failed[0].begun.explain(fault));
  }

  /** Begins as many as can be applied together, from the first that waits on. */
  #beginSome(): Member<Result>[] {
    const group: Member<Result>[] = [];
    while (group.length < mostTogether) {
      const next = this.#waiting[0];
      if (!next) break;
      group.at(-1)?.begun.foresee();
      const begun = this.#begin(next, group.length === 0);
      if (!begun) break;
      this.#waiting.shift();
      if (begun === 'settled') continue;
      group.push({ ...next, begun });
      if (begun.alone) break;
    }
    return group;
  }

  /** Undefined where it has to wait until what was begun before is applied. */
  #begin({ begin, resolve, reject }: Waiting<Result>, first: boolean): Begun<Result> | 'settled' | undefined {
    try {
      const begun = begin();
      if ('result' in begun) {
        if (first) resolve(begun.result);
        return first ? 'settled' : undefined;
      }
      if (first || !begun.alone) return begun;
      begun.cancel();
    } catch (error) {
      // Not where what is not applied yet may be the reason.
      if (!first) return undefined;
      reject(error);
      return 'settled';
    }
    return undefined;
  }
}
