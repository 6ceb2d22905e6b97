import { join } from 'node:path';
import { makeWorkload } from '../forwarding.js';
import { measureSetup, type Setup } from '../measure/connections.js';
import { interleave } from '../measure/interleave.js';
import { oneFrequency } from '../measure/session.js';
import { summarize } from '../measure/stats.js';
import { oursIn } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, withoutFloor, type Result } from '../result.js';
import { call, groupRules, longMs, vmPort, wirePort } from '../rules/connections.js';
import type { Options, Scenario } from '../scenario.js';
import type { TrackingSubject } from '../subject.js';
import { ipv4Frame } from '../support/frames.js';
import { writeCapture } from '../support/pcap-file.js';
import { withScope, type Scope } from '../support/scope.js';

const peer = ovsDpdk;

/** New connections a second; `cyclesPerPacket` and `ratio` are of a packet that makes one. */
export const ctSetup: Scenario = {
  name: 'ct-setup',
  title: 'ct-setup: each packet makes a connection',
  subjects: ['ours', peer.name],
  defaultFlows: 2_000_000,
  maxFlows: 4_000_000,
  comparable: false,
  run,
};

async function run(options: Options, scope: Scope): Promise<Result> {
  const subjects: TrackingSubject[] = [oursIn(options.tree), peer].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const workload = await makeWorkload(
    { rules: groupRules(options.flows, { timeoutMs: longMs }), sources: {}, sinks: [vmPort, wirePort] },
    scope,
  );
  const capture = join(workload.directory, 'calls.pcap');
  await writeCapture(capture, options.flows, (i) => ipv4Frame(call(i)));
  const seen = new Map<string, Setup[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of interleave(subjects, options.runs)) {
    const setup = await withScope((inner) => measureSetup(subject, workload, { capture, frames: options.flows }, inner), scope);
    seen.get(subject.name)?.push(setup);
    options.log(`${subject.name}: ${(setup.perSecond / 1e6).toFixed(2)} M connections/s`);
  }
  const tscHz = oneFrequency([...seen.values()].flat().map((setup) => setup.tscHz));
  const summaries = new Map(
    [...seen].map(([name, setups]) => [name, summarize(setups.map(({ perSecond }) => Number(tscHz) / perSecond))]),
  );
  const perSecond = (name: string): number | null => {
    const summary = summaries.get(name);
    return summary ? Math.round(Number(tscHz) / summary.median) : null;
  };
  return makeResult({
    ...withoutFloor(ctSetup.name, peer.name, options),
    summaries,
    tscHz,
    extra: { connectionsPerSecond: { ours: perSecond('ours'), peer: perSecond(peer.name) } },
  });
}
