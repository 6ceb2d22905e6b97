import type { PolicyEntry } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';
import type { FlowOperation, FlowSet, FlowStats, InstalledFlow, RemovalReason } from '../model/flow.js';
import type { Group } from '../model/group.js';
import {
  generation,
  operator,
  ownerKey,
  pluginOwner,
  tenantOwner,
  type FlowId,
  type Generation,
  type Owner,
} from '../model/ids.js';
import type { Meter } from '../model/meter.js';
import type { MeterCounters, RuleCounters } from '../switch/types.js';
import { derivedBook, type Entry } from './book.js';
import { ChangeQueue, type Begun } from './change-queue.js';
import { flowsOnly, isEmpty, isNothing, merge, noChange, type FlowChange } from './change.js';
import { derive } from './derive.js';
import { diff } from './diff.js';
import { Installer, type InstallLimits, type RulePort } from './installer.js';
import type { TableCount } from './mask-census.js';
import { mismatch, noTenant, underPointer } from './flow-faults.js';
import { refuseOrphans } from './orphans.js';
import { Owners } from './owners.js';
import { planOperations, planReplace } from './plan.js';
import { scanAdds, type ScannedAdds } from './scanned-adds.js';
import { policyFaults, samePolicy } from './policy.js';
import { resultOf, type FlowResult } from './result.js';
import type { Stock } from './stock.js';
import { checkTenantLimits } from './tenant-limits.js';
import { keyOf } from './transaction.js';
import { reachOf, type Surroundings, type Topology } from './topology.js';
import type { Desk } from './workbench.js';

export interface FlowTableDeps extends RulePort {
  readonly topology: Topology;
  readonly limits: InstallLimits;
  /** Hears of every flow that the operator or a tenant wrote and that went, and was not put anew. */
  removed?(flows: readonly RemovedFlow[]): void;
  /** Called after every change. */
  changed?(): void;
  /** Hears for how many milliseconds a change that an owner asked for was planned, refused ones too; again (`transactions` is 0) where that was done anew. */
  planned?(owner: Owner, transactions: number, ms: number): void;
}

export interface RemovedFlow {
  readonly flow: InstalledFlow;
  readonly stats: FlowStats;
  readonly reason: RemovalReason;
}

/** What a switch starts with. */
export interface InitialFlows {
  readonly policy: readonly PolicyEntry[];
  /** `pointer`: of the object that the set is in. */
  readonly flows: readonly { readonly owner: Owner; readonly set: FlowSet; readonly pointer: string }[];
}

/** A timeout that came, of the flow as it was then. */
export interface Expired {
  readonly entry: Entry;
  readonly reason: RemovalReason;
}

interface ChangeOptions {
  /** Others than before: the rules of all flows are looked at anew. */
  readonly around?: Surroundings;
  readonly policy?: readonly PolicyEntry[];
  readonly reasons?: ReadonlyMap<FlowId, RemovalReason>;
  readonly ifMatch?: Generation | undefined;
}

/**
 * Every flow, group and meter of the switch: of the operator, of the tenants, and those that follow from topology and policy. A change
 * is checked, compared with what there is, and applied to the data plane as one transaction; one that fails changes nothing. Changes
 * are made in the order of the calls; those that come while others are applied go to the data plane together, and what is read
 * meanwhile may have some of them already.
 */
export class FlowTable {
  readonly #installer: Installer;
  readonly #listener: Pick<FlowTableDeps, 'removed' | 'changed' | 'planned' | 'now'>;
  readonly #owners = new Owners();
  #around: Surroundings;
  #policy: readonly PolicyEntry[] = [];
  #generation = generation(0n);
  readonly #queue: ChangeQueue<FlowResult>;

  constructor(deps: FlowTableDeps) {
    const { topology, limits } = deps;
    this.#installer = new Installer(deps, limits);
    this.#queue = new ChangeQueue((transactions) => deps.apply(transactions));
    this.#listener = deps;
    this.#around = { topology, reach: reachOf(topology, []) };
  }

  /** Of the last applied transaction; 0 before the first. */
  get generation(): Generation {
    return this.#generation;
  }

  get topology(): Topology {
    return this.#around.topology;
  }

  /** The owner that a tenant is, or a plugin of it: one object, which all of its flows share. Undefined where there is no such tenant. */
  tenant(name: string, plugin?: string): Owner | undefined {
    const found = this.topology.tenantByName.get(name);
    if (!found) return undefined;
    return this.#owners.one(plugin === undefined ? tenantOwner(found.name) : pluginOwner(found.name, plugin));
  }

  get groups(): Stock<Group, RuleCounters> {
    return this.#installer.groups;
  }

  get meters(): Stock<Meter, MeterCounters> {
    return this.#installer.meters;
  }

  /** Ordered by table, falling rank, then id. Without owner everything, derived flows and guards included. */
  list(owner?: Owner): readonly InstalledFlow[] {
    return this.#installer.book.list(owner);
  }

  /** How many flows each owner has by ownerKey, with those that are derived for it. */
  counts(): ReadonlyMap<string, number> {
    return this.#installer.book.counts();
  }

  /** How many flows an owner wrote; of a tenant, its plugins too. */
  count(owner: Owner): number {
    return this.#installer.book.sizeOf(owner);
  }

  get(id: FlowId): InstalledFlow | undefined {
    return this.#installer.book.get(id)?.flow;
  }

  /** The flow of a rule in the data plane. */
  ofRule(id: number): InstalledFlow | undefined {
    return this.#installer.book.ofRule(id);
  }

  /** The operator's transaction in a request's body, where it only adds flows, and in the common form; what else, says its text. */
  scan(body: Buffer): ScannedAdds | undefined {
    return scanAdds(body, this.topology);
  }

  /** Flows with a timeout. */
  timed(): ReadonlyMap<FlowId, Entry> {
    return this.#installer.book.timed;
  }

  /** In the order of the ids; zeros for a flow that is gone. */
  stats(ids: readonly FlowId[]): FlowStats[] {
    return this.#installer.stats(ids.map((id) => this.#installer.book.get(id)));
  }

  /** What the data plane's tables hold, by tenant slot. */
  tables(): TableCount[] {
    return this.#installer.tables();
  }

  policy(): readonly PolicyEntry[] {
    return this.#policy;
  }

  /**
   * All flows and the policy of a config in one transaction, for the start.
   * @throws VswitchError as `replace` and `setPolicy`; pointers are below each set's own.
   */
  load({ policy, flows }: InitialFlows): Promise<FlowResult> {
    return this.#queue.add(() => {
      const around = this.#surroundings(this.#around.topology, policy);
      const changes = flows.map(({ owner, set, pointer }) =>
        underPointer(pointer, () => this.#plan(owner, around, (desk) => planReplace(desk, set))),
      );
      return this.#begin(merge([this.#derive(around, policy), ...changes]), { around, policy });
    });
  }

  /**
   * Adds, modifies and deletes in one transaction.
   * @throws VswitchError FLOW_INVALID, FLOW_ISOLATION, FLOW_OVERLAP, FLOW_NOT_FOUND, those of groups and meters, LIMIT_EXCEEDED or
   * TABLE_UNBOUNDED with pointers into `operations`; TENANT_NOT_FOUND; GENERATION_MISMATCH where `ifMatch` is not the newest generation.
   */
  transact(owner: Owner, operations: readonly FlowOperation[] | ScannedAdds, ifMatch?: Generation): Promise<FlowResult> {
    return this.#change(owner, ifMatch, (desk) => planOperations(desk, operations));
  }

  /** Makes `set` the owner's; flows that stay keep id and counters. Errors as `transact`, pointers into `set`. */
  replace(owner: Owner, set: FlowSet, ifMatch?: Generation): Promise<FlowResult> {
    return this.#change(owner, ifMatch, (desk) => planReplace(desk, set));
  }

  /** Removes flows whose time has come, those that are still as they were. */
  expire(expired: readonly Expired[]): Promise<FlowResult> {
    return this.#queue.add(() => {
      const { book } = this.#installer;
      const remove = expired.filter(({ entry }) => book.get(entry.flow.id) === entry);
      const reasons = new Map(remove.map(({ entry, reason }) => [entry.flow.id, reason]));
      const change = flowsOnly({ ...noChange, remove: remove.map(({ entry }) => entry) });
      return this.#begin(change, { reasons });
    });
  }

  /** Says whose packets may reach whom. @throws VswitchError REQUEST_INVALID with pointers into `entries`. */
  setPolicy(entries: readonly PolicyEntry[], ifMatch?: Generation): Promise<FlowResult> {
    return this.#queue.add(() => {
      this.#match(ifMatch);
      const same = this.#generation > 0n && samePolicy(entries, this.#policy);
      const around = same ? this.#around : this.#surroundings(this.#around.topology, entries);
      return this.#begin(this.#derive(around, entries), { around, policy: entries, ifMatch });
    });
  }

  /** Ports came or went. @throws VswitchError PORT_IN_USE where a flow or group that somebody wrote names a port that is gone. */
  setTopology(topology: Topology): Promise<FlowResult> {
    return this.#queue.add(() => {
      refuseOrphans(topology, this.#installer.book.list(), this.groups.list());
      const around = this.#surroundings(topology, this.#policy);
      return this.#begin(this.#derive(around, this.#policy), { around });
    });
  }

  #change(owner: Owner, ifMatch: Generation | undefined, plan: (desk: Desk) => FlowChange): Promise<FlowResult> {
    let transactions = 1;
    return this.#queue.add(() => {
      const sinceMs = this.#listener.now();
      try {
        this.#match(ifMatch);
        return this.#begin(this.#plan(owner, this.#around, plan), { ifMatch });
      } finally {
        this.#listener.planned?.(owner, transactions, this.#listener.now() - sinceMs);
        transactions = 0;
      }
    });
  }

  #match(ifMatch: Generation | undefined): void {
    if (ifMatch !== undefined && ifMatch !== this.#generation) throw mismatch(ifMatch, this.#generation);
  }

  #begin(
    change: FlowChange,
    { around = this.#around, policy = this.#policy, reasons, ifMatch }: ChangeOptions,
  ): Begun<FlowResult> | { readonly result: FlowResult } {
    const { counts, isDeleted } = resultOf(change);
    const moves = around !== this.#around;
    if (!moves && isNothing(change)) return { result: { generation: this.#generation, ...counts } };
    const begun = this.#installer.begin(change, around);
    return {
      ...begun,
      // Only flows can be foreseen.
      alone: moves || ifMatch !== undefined || !isEmpty(change.groups) || !isEmpty(change.meters),
      finish: (newest) => {
        const gone = begun.finish();
        this.#generation = newest;
        this.#around = around;
        this.#policy = [...policy];
        const removed = gone.filter(({ flow }) => isDeleted(flow));
        if (removed.length > 0)
          this.#listener.removed?.(removed.map((flow) => ({ ...flow, reason: reasons?.get(flow.flow.id) ?? 'delete' })));
        this.#listener.changed?.();
        return { generation: newest, ...counts };
      },
    };
  }

  #plan(asked: Owner, { topology, reach }: Surroundings, plan: (desk: Desk) => FlowChange): FlowChange {
    const owner = asked.kind === 'operator' ? operator : this.tenant(asked.tenant, asked.plugin);
    if (!owner) throw noTenant(asked.kind === 'tenant' ? asked.tenant : '');
    const { book, groups, meters } = this.#installer;
    const flows = book.entries(ownerKey(owner));
    const desk = { owner, topology, reach, flows, groups: groups.of(owner), meters: meters.of(owner) };
    const change = plan(desk);
    if (owner.kind === 'tenant') checkTenantLimits(desk, change, book.sizeOf(tenantOwner(owner.tenant)));
    return change;
  }

  #surroundings(topology: Topology, policy: readonly PolicyEntry[]): Surroundings {
    const faults = policyFaults(topology, policy);
    if (faults.length > 0) throw new VswitchError('REQUEST_INVALID', 'the policy has faults', faults);
    return { topology, reach: reachOf(topology, policy) };
  }

  #derive({ topology }: Surroundings, policy: readonly PolicyEntry[]): FlowChange {
    const wanted = new Map(derive(topology, policy).map((flow) => [keyOf(flow), flow]));
    const { added, modified, removed } = diff(
      this.#installer.book.entries(derivedBook),
      wanted,
      (entry) => entry.flow,
      (flow) => flow,
    );
    const modify = modified.map(({ now, wanted: value }) => ({ there: now, value }));
    return flowsOnly({ remove: removed, add: added.map((value) => ({ value })), modify });
  }
}
