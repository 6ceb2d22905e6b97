import type { FlowTableDeps } from '../../src/flow/flow-table.js';
import { generation, type Generation } from '../../src/model/ids.js';
import type { Rule, RuleCounters, RuleTransaction, SteeringRule } from '../../src/switch/types.js';

/** A data plane that keeps rules as the native one does: it refuses to remove what is not there, and to add what is. */
export class RuleMachine {
  readonly rules = new Map<number, Rule>();
  readonly steering = new Map<number, SteeringRule>();
  readonly transactions: RuleTransaction[] = [];
  readonly hits = new Map<number, bigint>();
  /** The next transaction is refused with this. */
  failure: Error | undefined;

  async apply(transaction: RuleTransaction): Promise<Generation> {
    await Promise.resolve();
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
    for (const { id, slot } of transaction.remove) {
      const gone = slot === 'steering' ? this.steering.delete(id) : this.rules.get(id)?.slot === slot && this.rules.delete(id);
      if (!gone) throw new Error(`no rule ${id} in ${slot}`);
    }
    for (const rule of transaction.add) {
      if (this.rules.has(rule.id)) throw new Error(`rule ${rule.id} exists`);
      this.rules.set(rule.id, rule);
    }
    for (const rule of transaction.steer) {
      if (this.steering.has(rule.id)) throw new Error(`steering rule ${rule.id} exists`);
      this.steering.set(rule.id, rule);
    }
    this.transactions.push(transaction);
    return generation(BigInt(this.transactions.length));
  }

  /** Counters are never reset: not when a rule goes, nor when its id is used again. */
  ruleCounters(ids: readonly number[]): RuleCounters[] {
    return ids.map((id) => ({ packets: this.hits.get(id) ?? 0n, bytes: 100n * (this.hits.get(id) ?? 0n) }));
  }

  hit(id: number, packets: bigint): void {
    this.hits.set(id, (this.hits.get(id) ?? 0n) + packets);
  }

  get deps(): Pick<FlowTableDeps, 'apply' | 'ruleCounters'> {
    return { apply: (transaction) => this.apply(transaction), ruleCounters: (ids) => this.ruleCounters(ids) };
  }
}
