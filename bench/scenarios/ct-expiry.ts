import { join } from 'node:path';
import { makeWorkload } from '../forwarding.js';
import { measureExpiry, type Expiry } from '../measure/expiry.js';
import { interleave } from '../measure/interleave.js';
import { oneFrequency } from '../measure/session.js';
import { median, round, summarize } from '../measure/stats.js';
import { oursIn } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, withoutFloor, type Result } from '../result.js';
import { call, connectionsWork } from '../rules/connections.js';
import type { Options, Scenario } from '../scenario.js';
import type { TrackingSubject } from '../subject.js';
import { ipv4Frame } from '../support/frames.js';
import { writeCapture } from '../support/pcap-file.js';
import { withScope, type Scope } from '../support/scope.js';

const peer = ovsDpdk;
/** Those that expire. */
const expiring = 1_000_000;
const timeoutMs = 10_000;

/** What packets of established connections cost while a million others expire. */
export const ctExpiry: Scenario = {
  name: 'ct-expiry',
  title: `ct-expiry: established connections while ${expiring} others expire`,
  subjects: ['ours', peer.name],
  defaultFlows: 1000,
  maxFlows: 10_000,
  comparable: false,
  run,
};

async function run(options: Options, scope: Scope): Promise<Result> {
  const subjects: TrackingSubject[] = [oursIn(options.tree), peer].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const workload = await makeWorkload(connectionsWork(options.flows, { connections: expiring, timeoutMs }), scope);
  const capture = join(workload.directory, 'calls.pcap');
  // Others than those of the traffic.
  await writeCapture(capture, expiring, (i) => ipv4Frame(call(expiring + i)));
  const seen = new Map<string, Expiry[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of interleave(subjects, options.runs)) {
    const load = { capture, frames: expiring, flows: options.flows };
    const expiry = await withScope((inner) => measureExpiry(subject, workload, load, inner), scope);
    seen.get(subject.name)?.push(expiry);
    const { nsPerPacket, quietNsPerPacket, worstNsPerPacket, seconds } = expiry;
    options.log(
      `${subject.name}: ${round(nsPerPacket, 1)} ns a packet, afterwards ${round(quietNsPerPacket, 1)}; ` +
        `${round(worstNsPerPacket, 1)} in the worst 50 ms; ${round(seconds, 1)} s`,
    );
  }
  const tscHz = oneFrequency([...seen.values()].flat().map((expiry) => expiry.tscHz));
  const middle = (name: string, of: (one: Expiry) => number, digits: number): number | null => {
    const all = seen.get(name) ?? [];
    return all.length === 0 ? null : round(median(all.map(of)), digits);
  };
  const both = (of: (one: Expiry) => number, digits: number) => ({
    ours: middle('ours', of, digits),
    peer: middle(peer.name, of, digits),
  });
  return makeResult({
    ...withoutFloor(ctExpiry.name, peer.name, options),
    summaries: new Map(
      [...seen].map(([name, all]) => [name, summarize(all.map(({ nsPerPacket }) => (nsPerPacket * Number(tscHz)) / 1e9))]),
    ),
    tscHz,
    extra: {
      expiring,
      slowdown: both(({ nsPerPacket, quietNsPerPacket }) => nsPerPacket / quietNsPerPacket, 3),
      worstSlowdown: both(({ worstNsPerPacket, quietNsPerPacket }) => worstNsPerPacket / quietNsPerPacket, 3),
      expirySeconds: both(({ seconds }) => seconds, 1),
    },
  });
}
