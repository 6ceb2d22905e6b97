import { checkConfig } from '../config/check.js';
import { countFaults, readConfig } from '../config/load.js';
import { partsOf, type ConfigParts, type Part } from '../config/parts.js';
import { topologyOfParts } from '../config/resolve.js';
import type { VswitchConfig } from '../config/schema.js';
import { VswitchError, type Fault } from '../model/errors.js';
import type { FlowText } from '../model/flow.js';
import { operator, tenantName, tenantOwner, type Owner } from '../model/ids.js';
import { isolationFaults } from './isolation.js';
import { identityKey, parseFlow } from './syntax/text.js';
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
  const owned = parts.tenants.flatMap(({ name, pointer, flows, maxFlows }) => [
    ...setFaults(tenantOwner(tenantName(name)), flows, topology, reach),
    ...countFaultsOf(pointer, flows.length, maxFlows),
  ]);
  return [...setFaults(operator, parts.flows, topology, reach), ...owned];
}

function setFaults(owner: Owner, flows: readonly Part<FlowText>[], topology: Topology, reach: Reach): Fault[] {
  const faults: Fault[] = [];
  const first = new Map<string, string>();
  for (const { pointer, value } of flows) {
    const flow = parseFlow(value, topology, pointer, faults);
    if (!flow) continue;
    faults.push(...isolationFaults(owner, flow, value, topology, reach, pointer));
    const key = identityKey(flow);
    const twin = first.get(key);
    if (twin === undefined) first.set(key, pointer);
    else
      faults.push({ pointer, value, message: `has the table, priority and match of ${twin}`, remedy: 'leave one of them out' });
  }
  return faults;
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
