import { identityKey, parseIdentity } from '../../flow/syntax/text.js';
import { VswitchError, asVswitchError } from '../../model/errors.js';
import type { FlowSet, InstalledFlow } from '../../model/flow.js';
import { pluginOwner, type FlowId, type Owner, type TenantName } from '../../model/ids.js';
import type { Topology } from '../../model/topology.js';
import { compileRules } from '../band/compile.js';
import type { HostOrder } from '../wire/messages.js';
import { Bucket } from './budgets.js';
import type { PluginRecord } from './record.js';

/** The face of flow/flow-table.ts that plugins' rules go through. */
export interface RuleFlows {
  readonly topology: Topology;
  replace(owner: Owner, set: FlowSet): Promise<{ readonly added: number; readonly modified: number; readonly deleted: number }>;
  /** How many flows an owner wrote; of a tenant, its plugins too. */
  count(owner: Owner): number;
  list(owner?: Owner): readonly InstalledFlow[];
  stats(ids: readonly FlowId[]): readonly { readonly packets: bigint; readonly bytes: bigint }[];
}

/** Of one plugin. */
export const maxRules = 8192;
const rulesPerSecond = 10_000;
const maxFaults = 32;

const nothing: FlowSet = { flows: [], groups: [], meters: [] };

/** What the plugins of a tenant ask of the flows. Nothing that they send is trusted. */
export class RuleDesk {
  readonly #flows: RuleFlows;
  readonly #tenant: TenantName;
  readonly #bucket = new Bucket(rulesPerSecond, 2 * maxRules, performance.now());
  /** The flows that the rules of each plugin's last set became, in its order. */
  readonly #last = new Map<string, FlowSet['flows']>();

  constructor(flows: RuleFlows, tenant: TenantName) {
    this.#flows = flows;
    this.#tenant = tenant;
  }

  /** How many rules a plugin has in the switch. */
  count(plugin: string): number {
    return this.#flows.count(this.#owner(plugin));
  }

  /** How long to wait before so many rules are looked at. */
  waitMs(set: unknown): number {
    return this.#bucket.take(1 + rulesIn(set), performance.now());
  }

  /** Makes the set the plugin's, and gives what to answer. */
  async replace({ spec, facts }: PluginRecord, id: number, set: unknown): Promise<HostOrder> {
    try {
      if (rulesIn(set) > maxRules)
        throw new VswitchError('LIMIT_EXCEEDED', `a plugin may have ${maxRules} rules, and asks for ${rulesIn(set)}`);
      const compiled = compileRules(set, { index: spec.index, headers: facts?.headers ?? [] });
      const { added, modified, deleted } = await this.#flows.replace(this.#owner(spec.name), compiled);
      this.#last.set(spec.name, compiled.flows);
      return { type: 'reply', id, value: { added, modified, deleted } };
    } catch (error) {
      const { code, message, faults } = asVswitchError(error);
      // Without the values: these are the plugin's own, and may be large.
      const told = faults.slice(0, maxFaults).map(({ pointer, message: what, remedy }) => ({
        pointer: pointer.replace(/^\/flows/, '/rules'),
        message: what,
        ...(remedy === undefined ? {} : { remedy }),
      }));
      return { type: 'refusal', id, code, message, faults: told };
    }
  }

  /** What its rules counted, in the order of its last set. */
  counters({ spec }: PluginRecord, id: number): HostOrder {
    const flows = this.#flows.list(this.#owner(spec.name));
    const stats = this.#flows.stats(flows.map((flow) => flow.id));
    const byKey = new Map(flows.map((flow, i) => [identityKey(flow), stats[i]]));
    const value = (this.#last.get(spec.name) ?? []).map((flow) => {
      const key = identityKey(parseIdentity(flow, this.#flows.topology, '', []));
      const { packets, bytes } = byKey.get(key) ?? { packets: 0n, bytes: 0n };
      return { packets: String(packets), bytes: String(bytes) };
    });
    return { type: 'reply', id, value };
  }

  /** Takes all that the plugin has. */
  async withdraw({ spec }: PluginRecord): Promise<void> {
    await this.#flows.replace(this.#owner(spec.name), nothing);
    this.#last.delete(spec.name);
  }

  #owner(plugin: string): Owner {
    return pluginOwner(this.#tenant, plugin);
  }
}

const rulesIn = (set: unknown): number =>
  typeof set === 'object' && set !== null && 'rules' in set && Array.isArray(set.rules) ? set.rules.length : 0;
