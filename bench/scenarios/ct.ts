import { join } from 'node:path';
import { makeWorkload, mostFrames, proveAll } from '../forwarding.js';
import { loaded } from '../measure/connections.js';
import { measureAll, type Entry } from '../measure/session.js';
import { oursIn } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { testpmd } from '../peers/testpmd.js';
import { makeResult } from '../result.js';
import { answer, call, connectionsWork, longMs } from '../rules/connections.js';
import type { Scenario } from '../scenario.js';
import type { Subject, TrackingSubject, Workload } from '../subject.js';
import { ipv4Frame } from '../support/frames.js';
import { writeCapture } from '../support/pcap-file.js';
import type { Scope } from '../support/scope.js';

const peer = ovsDpdk;
/** Measured beside the scenario's own number of connections. */
const few = 1000;

interface CtSpec {
  readonly name: string;
  readonly title: string;
  readonly nat?: boolean;
  /** Where it is more than the captures have. */
  readonly connections?: number;
}

/** Packets of established connections through a security group. */
const ctOf = ({ name, title, nat = false, connections }: CtSpec): Scenario => ({
  name,
  title: `${name}: ${title}`,
  subjects: ['ours', peer.name, testpmd.name],
  defaultFlows: mostFrames / 2,
  maxFlows: mostFrames / 2,
  comparable: false,
  run: async (options, scope) => {
    const tracking: TrackingSubject[] = [oursIn(options.tree), peer].filter((s) => options.only?.includes(s.name) ?? true);
    const floors: Subject[] = [testpmd].filter((s) => options.only?.includes(s.name) ?? true);
    for (const subject of [...tracking, ...floors]) await subject.prepare();
    const work = connectionsWork(options.flows, {
      nat,
      ...(connections === undefined ? {} : { connections, timeoutMs: longMs }),
    });
    const workload = await makeWorkload(work, scope);
    await proveAll(tracking, workload, work, [], options, scope);
    const subjects = connections === undefined ? tracking : await allLoaded(tracking, workload, connections);
    const entries = [...subjects, ...floors].map((subject): Entry => ({ name: subject.name, subject, workload }));
    if (connections === undefined && options.flows > few) entries.push(...(await withFew(tracking, nat, scope)));
    return makeResult({
      scenario: name,
      peer: peer.name,
      floor: testpmd.name,
      flows: options.flows,
      runs: options.runs,
      ...(await measureAll(entries, options, scope)),
      ...(connections === undefined ? {} : { extra: { connections } }),
    });
  },
});

async function withFew(subjects: readonly TrackingSubject[], nat: boolean, scope: Scope): Promise<Entry[]> {
  const workload = await makeWorkload(connectionsWork(few, { nat }), scope);
  return subjects.map((subject) => ({ name: `${subject.name}-${few}`, subject, workload }));
}

/** All calls, then all answers: each of them once. */
async function allLoaded(subjects: readonly TrackingSubject[], { directory }: Workload, connections: number): Promise<Subject[]> {
  const [calls, answers] = ['calls', 'answers'].map((name) => join(directory, `${name}.pcap`)) as [string, string];
  await writeCapture(calls, connections, (i) => ipv4Frame(call(i)));
  await writeCapture(answers, connections, (i) => ipv4Frame(answer(i)));
  return subjects.map((subject) => loaded(subject, { calls, answers, connections }));
}

export const ct = ctOf({ name: 'ct', title: 'established connections through a security group of two tables' });
export const nat = ctOf({ name: 'nat', title: 'the same behind one address, both directions translated', nat: true });
export const ct1m = ctOf({ name: 'ct-1m', title: 'the same beside a million connections', connections: 1_000_000 });
