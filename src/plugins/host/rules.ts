import type { HostRule, HostRuleSet } from '../band/host-rule.js';
import { handlerNumber, maxHandlers } from '../band/host-rule.js';
import type { MatchText } from '../../model/match.js';
import { PluginError } from '../sdk/errors.js';
import type { PluginRules, Rule, RuleCounter, RuleResult, RuleStock } from '../sdk/rules.js';
import type { Outside } from './outside.js';

/** A plugin's rules, with those that punt to its handlers; sets go to the switch whole, one after the other. */
export class Rules implements PluginRules {
  readonly #index: number;
  readonly #outside: Pick<Outside, 'replaceRules' | 'ruleCounters' | 'failed'>;
  #declared: readonly Rule[] = [];
  #stock: RuleStock = {};
  readonly #punts: HostRule[] = [];
  #last: Promise<unknown> = Promise.resolve();
  /** Whether the switch has all punts. */
  #isSent = false;
  #isReady = false;

  constructor(index: number, outside: Pick<Outside, 'replaceRules' | 'ruleCounters' | 'failed'>) {
    this.#index = index;
    this.#outside = outside;
  }

  replace(rules: readonly Rule[], stock: RuleStock = {}): Promise<RuleResult> {
    return this.#queue(async () => {
      const result = await this.#send(rules, stock);
      this.#declared = rules;
      this.#stock = stock;
      return result;
    });
  }

  counters(): Promise<readonly RuleCounter[]> {
    return this.#queue(async () => (await this.#outside.ruleCounters()).slice(0, this.#declared.length));
  }

  /** @returns the handler's own number. */
  punt(match: MatchText, priority: number | undefined): number {
    const own = this.#punts.length;
    if (own >= maxHandlers) throw new PluginError('LIMIT_EXCEEDED', `a plugin has at most ${maxHandlers} handlers`);
    const actions = [{ type: 'punt', handler: handlerNumber(this.#index, own) }] as const;
    this.#punts.push({ ...(priority === undefined ? {} : { priority }), match, actions });
    this.#isSent = false;
    if (this.#isReady) this.flush().catch((error: unknown) => this.#outside.failed(error));
    return own;
  }

  /** Setup is done: what it did not send goes now. */
  async ready(): Promise<void> {
    this.#isReady = true;
    await this.flush();
  }

  async flush(): Promise<void> {
    await this.#queue(async () => {
      if (!this.#isSent) await this.#send(this.#declared, this.#stock);
    });
  }

  async #send(rules: readonly Rule[], stock: RuleStock): Promise<RuleResult> {
    const punts = this.#punts.length;
    const set: HostRuleSet = { rules: [...rules, ...this.#punts], ...stock };
    const result = await this.#outside.replaceRules(set);
    this.#isSent = this.#punts.length === punts;
    return result;
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
