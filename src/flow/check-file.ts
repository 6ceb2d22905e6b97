import { checkConfig } from '../config/check.js';
import { countFaults, readConfig } from '../config/load.js';
import { partsOf, type ConfigParts, type Part, type SetParts } from '../config/parts.js';
import { topologyOfParts } from '../config/resolve.js';
import type { VswitchConfig } from '../config/schema.js';
import { VswitchError, type Fault } from '../model/errors.js';
import { operator, tenantName, tenantOwner, type Owner } from '../model/ids.js';
import { planReplace } from './plan.js';
import { reachOf, type Reach, type Topology } from './topology.js';

/**
 * Reads a config file and checks all of it without hardware, its flows included.
 * @throws VswitchError CONFIG_UNREADABLE, or CONFIG_INVALID with every fault.
 */
export async function checkFile(path: string): Promise<VswitchConfig> {
  const value = await readConfig(path);
  const faults = configFaults(value);
  if (faults.length > 0) throw new VswitchError('CONFIG_INVALID', `${path} has ${countFaults(faults.length)}`, faults);
  return value as VswitchConfig;
}

/** Everything that is wrong with a config, its flows included. */
export const configFaults = (value: unknown): Fault[] => [...checkConfig(value), ...flowFaults(partsOf(value))];

/** What the flows of a config get wrong, each owner's checked as when they are installed. */
export function flowFaults(parts: ConfigParts): Fault[] {
  const topology = topologyOfParts(parts);
  const policy = parts.policy.map(({ value }) => value);
  const reach = reachOf(topology, policy);
  const owned = parts.tenants.flatMap((tenant) => [
    ...setFaults(tenantOwner(tenantName(tenant.name)), tenant, topology, reach),
    ...countFaultsOf(tenant.pointer, tenant.flows.length, tenant.maxFlows),
  ]);
  return [...setFaults(operator, parts, topology, reach), ...owned];
}

/** What installing the set where nothing is would say, at the places in the config. */
function setFaults(owner: Owner, parts: SetParts, topology: Topology, reach: Reach): Fault[] {
  const values = <T>(list: readonly Part<T>[]): T[] => list.map(({ value }) => value);
  const set = { flows: values(parts.flows), groups: values(parts.groups), meters: values(parts.meters) };
  try {
    planReplace({ owner, topology, reach, flows: new Map(), groups: new Map(), meters: new Map() }, set);
    return [];
  } catch (error) {
    if (!(error instanceof VswitchError)) throw error;
    return error.faults.map((fault) => ({ ...fault, pointer: placeOf(fault.pointer, parts) }));
  }
}

/** `/flows/3/match` of the set is below the pointer of its fourth flow in the config. */
function placeOf(pointer: string, parts: SetParts): string {
  const [, list, index, ...below] = pointer.split('/');
  const part = list === 'flows' || list === 'groups' || list === 'meters' ? parts[list][Number(index)] : undefined;
  return part ? [part.pointer, ...below].join('/') : pointer;
}

const countFaultsOf = (pointer: string, flows: number, most: number): Fault[] =>
  flows <= most
    ? []
    : [
        {
          pointer: `${pointer}/flows`,
          value: flows,
          message: `there are ${flows} flows`,
          remedy: `have at most ${most}, or raise ${pointer}/limits/rules`,
        },
      ];
