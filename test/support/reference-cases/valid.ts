import { makeTopology } from '../../../src/flow/topology.js';
import { parseGroup } from '../../../src/flow/syntax/group-text.js';
import { parseFlow } from '../../../src/flow/syntax/text.js';
import type { Fault } from '../../../src/model/errors.js';
import type { FlowText } from '../../../src/model/flow.js';
import type { GroupText } from '../../../src/model/group.js';
import { portName, portNumber, tenantName } from '../../../src/model/ids.js';
import { allPorts } from './pools.js';

const role = { kind: 'gw', tenant: tenantName('replay') } as const;
const ports = allPorts.map((name, i) => ({ number: portNumber(i + 1), name: portName(name), role, mac: undefined, open: true }));
export const topology = makeTopology(ports, [], undefined);

/** Of those that are made a few hang on a header that an action before took away. */
export const isFlow = (flow: FlowText): boolean => parseFlow(flow, topology, '', []) !== undefined;

export function isGroup(group: GroupText): boolean {
  const faults: Fault[] = [];
  parseGroup(group, topology, '', faults);
  return faults.length === 0;
}
