import { makeTopology } from '../../src/flow/topology.js';
import { parseFlow } from '../../src/flow/syntax/text.js';
import type { Fault } from '../../src/model/errors.js';
import type { Flow, FlowText } from '../../src/model/flow.js';
import { portName, portNumber, tenantName } from '../../src/model/ids.js';
import type { PortRole } from '../../src/model/port.js';
import type { Answer } from '../../src/replay/answer.js';
import { interpret } from '../support/reference/pipeline.js';
import type { Outcome } from '../support/reference/state.js';
import { portNames, type JudgedSwitch } from './switch.js';

const role: PortRole = { kind: 'gw', tenant: tenantName('t') };
const ports = portNames.map((name, i) => ({
  number: portNumber(i + 1),
  name: portName(name),
  role,
  mac: undefined,
  open: true,
}));
const topology = makeTopology(ports, [], undefined);

/** @throws Error with every fault. */
export function canonicalFlows(texts: readonly FlowText[]): Flow[] {
  const faults: Fault[] = [];
  const flows = texts.map((text, i) => parseFlow(text, topology, `/${i}`, faults));
  if (faults.length > 0) throw new Error(faults.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '));
  return flows as Flow[];
}

/** The reference interpreter as a switch: who judges it judges the reference. */
export const referenceSwitch: JudgedSwitch = {
  run: async (texts, packets) => {
    const program = { flows: canonicalFlows(texts), groups: [], ports: [1, 2, 3, 4] };
    return packets.map(({ in_port, packet }) => answerOf(interpret(program, in_port, Buffer.from(packet, 'hex'))));
  },
  close: async () => undefined,
};

const answerOf = ({ out, steps, drops }: Outcome): Answer => ({
  out: out.map(({ port, bytes }) => ({ port: `p${port}`, packet: Buffer.from(bytes).toString('hex') })),
  rules: steps.flatMap(({ flow }) => (flow ? [{ table: flow.table, priority: flow.priority, cookie: Number(flow.cookie) }] : [])),
  drop: out.length > 0 ? null : drops.at(-1)!,
});
