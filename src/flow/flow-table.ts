import type { PolicyEntry } from '../config/schema.js';
import { jsonPointer, VswitchError, type Fault } from '../model/errors.js';
import type { FlowCounters, FlowOperation, FlowText, InstalledFlow } from '../model/flow.js';
import { generation, ownerKey, type FlowId, type Generation, type Owner } from '../model/ids.js';
import { derivedBook } from './book.js';
import { derive } from './derive.js';
import { diff } from './diff.js';
import { Installer, keyOf, type FlowChange, type InstallLimits, type RulePort, type Surroundings } from './installer.js';
import type { TableCount } from './mask-census.js';
import { planOperations, planReplace, type Desk } from './plan.js';
import { reachOf, type Topology } from './topology.js';

export interface FlowTableDeps extends RulePort {
  readonly topology: Topology;
  readonly limits: InstallLimits;
}

/** How many flows a change touched, and the generation since when it holds. */
export interface FlowResult {
  readonly generation: Generation;
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
}

/** What a switch starts with. */
export interface InitialFlows {
  readonly policy: readonly PolicyEntry[];
  readonly flows: readonly { readonly owner: Owner; readonly flows: readonly FlowText[]; readonly pointer: string }[];
}

/**
 * Every flow of the switch: of the operator, of the tenants, and those that follow from topology and policy. A change is checked,
 * compared with what there is, and applied to the data plane as one transaction; one that fails changes nothing. Changes wait for
 * each other in the order of the calls.
 */
export class FlowTable {
  readonly #installer: Installer;
  #around: Surroundings;
  #policy: readonly PolicyEntry[] = [];
  #generation = generation(0n);
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: FlowTableDeps) {
    const { topology, limits } = deps;
    this.#installer = new Installer(deps, limits);
    this.#around = { topology, reach: reachOf(topology, []) };
  }

  /** Of the last applied transaction; 0 before the first. */
  get generation(): Generation {
    return this.#generation;
  }

  get topology(): Topology {
    return this.#around.topology;
  }

  /** Ordered by table, falling rank, then id. Without owner everything, derived flows and guards included. */
  list(owner?: Owner): readonly InstalledFlow[] {
    return this.#installer.book.list(owner);
  }

  get(id: FlowId): InstalledFlow | undefined {
    return this.#installer.book.get(id)?.flow;
  }

  /** In the order of the ids; zeros for a flow that is gone. */
  counters(ids: readonly FlowId[]): FlowCounters[] {
    return this.#installer.counters(ids.map((id) => this.#installer.book.get(id)));
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
    return this.#queue(undefined, () => {
      const around = this.#surroundings(this.#around.topology, policy);
      const changes = flows.map(({ owner, flows: texts, pointer }) =>
        under(pointer, () => {
          const change = planReplace(this.#desk(owner, around), texts);
          this.#checkTenantLimit(owner, change);
          return change;
        }),
      );
      return this.#install(merge([this.#derive(around, policy), ...changes]), around, policy);
    });
  }

  /**
   * Adds, modifies and deletes in one transaction.
   * @throws VswitchError FLOW_INVALID, FLOW_ISOLATION, FLOW_NOT_FOUND, LIMIT_EXCEEDED or TABLE_UNBOUNDED with pointers into
   * `operations`; TENANT_NOT_FOUND; GENERATION_MISMATCH where `ifMatch` is not the newest generation.
   */
  transact(owner: Owner, operations: readonly FlowOperation[], ifMatch?: Generation): Promise<FlowResult> {
    return this.#change(owner, ifMatch, (desk) => planOperations(desk, operations));
  }

  /** Makes `flows` the owner's whole set; those that stay keep id and counters. Errors as `transact`, pointers into `flows`. */
  replace(owner: Owner, flows: readonly FlowText[], ifMatch?: Generation): Promise<FlowResult> {
    return this.#change(owner, ifMatch, (desk) => planReplace(desk, flows));
  }

  /** Says whose packets may reach whom. @throws VswitchError REQUEST_INVALID with pointers into `entries`. */
  setPolicy(entries: readonly PolicyEntry[], ifMatch?: Generation): Promise<FlowResult> {
    return this.#queue(ifMatch, () => {
      const same = this.#generation > 0n && samePolicy(entries, this.#policy);
      const around = same ? this.#around : this.#surroundings(this.#around.topology, entries);
      return this.#install(this.#derive(around, entries), around, entries);
    });
  }

  /** Ports came or went. @throws VswitchError PORT_IN_USE where a flow that somebody wrote names a port that is gone. */
  setTopology(topology: Topology): Promise<FlowResult> {
    return this.#queue(undefined, () => {
      this.#refuseOrphans(topology);
      const around = this.#surroundings(topology, this.#policy);
      return this.#install(this.#derive(around, this.#policy), around, this.#policy);
    });
  }

  #change(owner: Owner, ifMatch: Generation | undefined, plan: (desk: Desk) => FlowChange): Promise<FlowResult> {
    return this.#queue(ifMatch, () => {
      const change = plan(this.#desk(owner, this.#around));
      this.#checkTenantLimit(owner, change);
      return this.#install(change, this.#around, this.#policy);
    });
  }

  async #install(change: FlowChange, around: Surroundings, policy: readonly PolicyEntry[]): Promise<FlowResult> {
    const { remove, add, modify } = change;
    const replaced = around !== this.#around;
    if (replaced || remove.length + add.length + modify.length > 0) {
      this.#generation = await this.#installer.install(change, around, replaced);
      this.#around = around;
      this.#policy = [...policy];
    }
    const again = countAgain(change);
    return {
      generation: this.#generation,
      added: add.length - again,
      modified: modify.length + again,
      deleted: remove.length - again,
    };
  }

  #queue(ifMatch: Generation | undefined, work: () => Promise<FlowResult>): Promise<FlowResult> {
    const result = this.#last.then(() => {
      if (ifMatch !== undefined && ifMatch !== this.#generation) throw mismatch(ifMatch, this.#generation);
      return work();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  #desk(owner: Owner, { topology, reach }: Surroundings): Desk {
    if (owner.kind === 'tenant' && !topology.tenantByName.has(owner.tenant)) {
      const message = `there is no tenant ${owner.tenant}`;
      const remedy = 'name a tenant of the config';
      throw new VswitchError('TENANT_NOT_FOUND', message, [{ pointer: '', value: owner.tenant, message, remedy }]);
    }
    return { owner, topology, reach, book: this.#installer.book.entries(ownerKey(owner)) };
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
    const modify = modified.map(({ now, wanted: flow }) => ({ entry: now, flow }));
    return { remove: removed, add: added.map((flow) => ({ flow })), modify };
  }

  #checkTenantLimit(owner: Owner, { remove, add }: FlowChange): void {
    const tenant = owner.kind === 'tenant' ? this.#around.topology.tenantByName.get(owner.tenant) : undefined;
    const flows = this.#installer.book.entries(ownerKey(owner)).size + add.length - remove.length;
    if (!tenant || flows <= tenant.maxFlows || add.length <= remove.length) return;
    const message = `tenant ${tenant.name} would have ${flows} flows, and may have ${tenant.maxFlows}`;
    const remedy = 'delete flows first, or ask the operator to raise the limit';
    throw new VswitchError('LIMIT_EXCEEDED', message, [{ pointer: '', value: flows, message, remedy }]);
  }

  #refuseOrphans({ portByNumber }: Topology): void {
    const faults: Fault[] = [];
    for (const { flow } of this.#installer.book.all()) {
      if (flow.band === 'derived' || flow.band === 'guard') continue;
      const used = flow.actions.flatMap((action) => (action.type === 'output' && action.port !== 'in_port' ? [action.port] : []));
      const numbers = [Number(flow.match.get('in_port')?.value ?? 0n), ...used];
      const gone = numbers.find((number) => number !== 0 && !portByNumber.has(number));
      if (gone === undefined) continue;
      const message = `flow ${flow.id} of ${ownerKey(flow.owner)} names port ${gone}`;
      faults.push({ pointer: '', value: gone, message, remedy: 'delete that flow first' });
    }
    if (faults.length > 0) throw new VswitchError('PORT_IN_USE', `${faults.length} flows name a port that would be gone`, faults);
  }
}

function merge(changes: readonly FlowChange[]): FlowChange {
  return {
    remove: changes.flatMap(({ remove }) => remove),
    add: changes.flatMap(({ add }) => add),
    modify: changes.flatMap(({ modify }) => modify),
  };
}

/** Flows that an `add` put in the place of one with the same identity. */
function countAgain({ remove, add }: FlowChange): number {
  if (remove.length === 0 || add.length === 0) return 0;
  const keys = new Set(remove.map((entry) => entry.key));
  return add.filter(({ flow }) => keys.has(keyOf(flow))).length;
}

function under(pointer: string, plan: () => FlowChange): FlowChange {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof VswitchError)) throw error;
    const faults = error.faults.map((fault) => ({ ...fault, pointer: pointer + fault.pointer }));
    throw new VswitchError(error.code, error.message, faults, { cause: error });
  }
}

const samePolicy = (a: readonly PolicyEntry[], b: readonly PolicyEntry[]): boolean =>
  a.length === b.length && a.every(({ from, to }, i) => from === b[i]?.from && to === b[i].to);

/** Entries that name no tenant, or the same one twice. */
export function policyFaults({ tenantByName }: Topology, policy: readonly PolicyEntry[], pointer = ''): Fault[] {
  return policy.flatMap((entry, i) => {
    const here = pointer + jsonPointer(i);
    const unknown = (['from', 'to'] as const)
      .filter((side) => !tenantByName.has(entry[side]))
      .map((side): Fault => {
        const names = [...tenantByName.keys()].join(', ');
        const remedy = names === '' ? 'the config has no tenants' : `there is ${names}`;
        return { pointer: here + jsonPointer(side), value: entry[side], message: `there is no tenant ${entry[side]}`, remedy };
      });
    if (entry.from !== entry.to) return unknown;
    const message = 'a tenant always reaches itself';
    return [...unknown, { pointer: here, value: entry, message, remedy: 'leave the entry out' }];
  });
}

function mismatch(given: Generation, newest: Generation): VswitchError {
  const message = `the flows are of generation ${newest}, not ${given}`;
  const remedy = 'read the flows again, and repeat the change with their ETag';
  return new VswitchError('GENERATION_MISMATCH', message, [
    { pointer: '/headers/if-match', value: String(given), message, remedy },
  ]);
}
