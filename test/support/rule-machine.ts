import { applyEach } from './apply-each.js';
import type { FlowTableDeps } from '../../src/flow/flow-table.js';
import { VswitchError } from '../../src/model/errors.js';
import { generation, type Generation } from '../../src/model/ids.js';
import type { Meter } from '../../src/model/meter.js';
import type { MeterCounters, PlacedGroup, Rule, RuleCounters, RuleTransaction, SteeringRule } from '../../src/switch/types.js';

/** A data plane that keeps rules as the native one does: it refuses to remove what is not there, and to add what is. */
export class RuleMachine {
  readonly rules = new Map<number, Rule>();
  readonly steering = new Map<number, SteeringRule>();
  readonly groups = new Map<number, PlacedGroup['group']>();
  readonly meters = new Map<number, Omit<Meter, 'meter'>>();
  readonly transactions: RuleTransaction[] = [];
  calls = 0;
  readonly hits = new Map<number, bigint>();
  readonly groupHits = new Map<number, bigint>();
  readonly meterHits = new Map<number, bigint>();
  /** The next transaction is refused with this. */
  failure: Error | undefined;
  /** Refuses these. */
  dislikes: (transaction: RuleTransaction) => boolean = () => false;
  nowMs = 0;

  async apply(transaction: RuleTransaction): Promise<Generation> {
    await Promise.resolve();
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
    if (this.dislikes(transaction)) throw new VswitchError('NATIVE_REFUSED', 'no');
    for (const { id, slot, table } of transaction.remove) {
      const rule = slot === 'steering' ? undefined : this.rules.get(id);
      const gone =
        slot === 'steering' ? this.steering.delete(id) : rule?.slot === slot && rule.table === table && this.rules.delete(id);
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
    for (const number of transaction.removeGroups) if (!this.groups.delete(number)) throw new Error(`no group ${number}`);
    for (const { number, group } of transaction.putGroups) this.groups.set(number, group);
    for (const number of transaction.removeMeters) if (!this.meters.delete(number)) throw new Error(`no meter ${number}`);
    for (const { number, meter } of transaction.putMeters) this.meters.set(number, meter);
    this.#checkNames();
    this.transactions.push(transaction);
    return generation(BigInt(this.transactions.length));
  }

  /** Counters are never reset: not when a rule goes, nor when its id is used again. */
  ruleCounters(ids: readonly number[]): RuleCounters[] {
    return ids.map((id) => counted(this.hits.get(id)));
  }

  groupCounters(numbers: readonly number[]): RuleCounters[] {
    return numbers.map((number) => counted(this.groupHits.get(number)));
  }

  meterCounters(numbers: readonly number[]): MeterCounters[] {
    return numbers.map((number) => {
      const { packets, bytes } = counted(this.meterHits.get(number));
      return { packets, bytes, green: packets, yellow: 0n, red: 0n };
    });
  }

  hit(id: number, packets: bigint): void {
    this.hits.set(id, (this.hits.get(id) ?? 0n) + packets);
  }

  get deps(): Omit<FlowTableDeps, 'topology' | 'limits' | 'removed'> {
    return {
      apply: (transactions) => {
        this.calls++;
        return applyEach((transaction) => this.apply(transaction))(transactions);
      },
      ruleCounters: (ids) => this.ruleCounters(ids),
      groupCounters: (numbers) => this.groupCounters(numbers),
      meterCounters: (numbers) => this.meterCounters(numbers),
      now: () => this.nowMs,
    };
  }

  /** Whatever names a group or meter names one that is there. */
  #checkNames(): void {
    const buckets = [...this.groups.values()].flatMap((group) => group.buckets);
    for (const { watchGroup } of buckets)
      if (watchGroup !== undefined && !this.groups.has(watchGroup)) throw new Error(`no group ${watchGroup} to watch`);
    const lists = [...this.rules.values(), ...buckets].map(({ actions }) => actions);
    for (const action of lists.flat().flatMap((one) => (one.type === 'write_actions' ? one.actions : [one]))) {
      if (action.type === 'group' && !this.groups.has(action.group)) throw new Error(`no group ${action.group}`);
      if (action.type === 'meter' && !this.meters.has(action.meter)) throw new Error(`no meter ${action.meter}`);
    }
  }
}

const counted = (packets = 0n): RuleCounters => ({ packets, bytes: 100n * packets });
