import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlowText } from '../../src/model/flow.js';
import { timed, timedEach, timesOf, type Times } from '../measure/latency.js';
import { round } from '../measure/stats.js';
import { bridge, installRules, portNumbers } from '../peers/ovs-dpdk.js';
import { addPort, startOvs } from '../peers/ovs-process.js';
import { ovsFlows } from '../peers/ovs-rules.js';
import { vdev } from '../peers/vdevs.js';
import type { Options } from '../scenario.js';
import type { Workload } from '../subject.js';
import type { Scope } from '../support/scope.js';

export interface OvsUpdates {
  /** `ovs-ofctl add-flow`, its process included, on a table of 101,000 rules. */
  readonly oneRule: Times;
  /** `ovs-ofctl --bundle add-flows`. */
  readonly manyRulesS: number;
  /** `ovs-ofctl add-flows`, which sends one after the other. */
  readonly unbundledPerS: number;
}

const unbundled = 10_000;
const singles = 50;

/** The same changes with Open vSwitch's tool, beside the same traffic. */
export async function ovsUpdates(
  workload: Workload,
  many: readonly FlowText[],
  options: Options,
  scope: Scope,
): Promise<OvsUpdates> {
  const ovs = await startOvs(workload, [bridge], [], scope);
  const numbers = portNumbers(workload);
  const ports = workload.ports.toSorted((a, b) => Number(a.capture !== undefined) - Number(b.capture !== undefined));
  await installRules(ovs, workload.rules, numbers);
  for (const port of ports) {
    const number = numbers.get(port.name) ?? 0;
    const devargs = `options:dpdk-devargs="${vdev(port, number, { kind: 'measure' })}"`;
    await addPort(ovs, { bridge, name: port.name, number, settings: ['type=dpdk', devargs] });
  }
  const target = ovs.management(bridge);
  const addFile = async (name: string, flows: readonly FlowText[], ...more: string[]): Promise<number> => {
    const file = join(ovs.directory, name);
    await writeFile(file, flows.flatMap((flow) => ovsFlows(flow, numbers)).join('\n') + '\n');
    return timed(() => ovs.ofctl('-O', 'OpenFlow14', ...more, 'add-flows', target, file));
  };
  const unbundledMs = await addFile('some.txt', many.slice(0, unbundled));
  await ovs.ofctl('del-flows', target, 'ip,nw_dst=12.0.0.0/8');
  const manyRulesS = round((await addFile('many.txt', many, '--bundle')) / 1000, 2);
  const lines = many.slice(0, singles).flatMap((flow) => ovsFlows({ ...flow, priority: 1 }, numbers));
  const oneRule = timesOf(await timedEach(lines, (line) => ovs.ofctl('add-flow', target, line)));
  const found = { oneRule, manyRulesS, unbundledPerS: Math.round((unbundled / unbundledMs) * 1000) };
  options.log(`ovs-dpdk: ${JSON.stringify(found)}`);
  return found;
}
