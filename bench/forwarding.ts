import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measureAll, type Entry } from './measure/session.js';
import { prove, someFrames } from './measure/proof.js';
import type { FreeBytes } from './measure/prove.js';
import { oursIn, thisTree } from './ours.js';
import { ovsDpdk } from './peers/ovs-dpdk.js';
import { testpmd } from './peers/testpmd.js';
import { makeResult, type Result } from './result.js';
import type { Options, Scenario } from './scenario.js';
import type { RuleSet, Subject, Workload } from './subject.js';
import { reserveHugepages } from './support/hugepages.js';
import { encodePcap } from './support/pcap.js';
import { makeRunDirectory } from './support/run-dir.js';
import type { Scope } from './support/scope.js';

/** What is forwarded: rules, and the frames of each source; where they go to are the sinks. */
export interface Work {
  readonly rules: RuleSet;
  readonly sources: Readonly<Record<string, readonly Buffer[]>>;
  /** What the rules are proven with, where it is not some of those frames. */
  readonly proof?: Readonly<Record<string, readonly Buffer[]>>;
  /** Ports that only send; `sink` where left out. */
  readonly sinks?: readonly string[];
  /** Ports whose packets are counted; all where left out. */
  readonly counted?: readonly string[];
}

export interface ForwardingSpec {
  readonly name: string;
  readonly title: string;
  readonly flows: number;
  readonly maxFlows?: number;
  readonly work: (flows: number) => Work | Promise<Work>;
  /** Open vSwitch where left out. */
  readonly peer?: Subject;
  /** Why the peer is not measured. */
  readonly noPeer?: string;
  readonly floor?: Subject;
  /** Measured too, and shown under `others`; of the tree whose build is ours. */
  readonly others?: (tree: string) => readonly Subject[];
  readonly free?: FreeBytes;
}

/** Twice what Open vSwitch's pool of 262,144 buffers holds beside the rings. */
export const mostFrames = 200_000;
/** Beside what each subject asks for. */
const hugepageSlackMib = 64;

/** A scenario of forwarding: cycles per packet of ours, of the peer, of the floor. */
export const forwarding = (spec: ForwardingSpec): Scenario => {
  const { peer = ovsDpdk, floor = testpmd, others = () => [] } = spec;
  const rivalsOf = (tree: string) => [...(spec.noPeer === undefined ? [peer] : []), floor, ...others(tree)];
  return {
    name: spec.name,
    title: spec.title,
    subjects: ['ours', ...rivalsOf(thisTree).map(({ name }) => name)],
    defaultFlows: spec.flows,
    maxFlows: spec.maxFlows ?? mostFrames,
    comparable: true,
    run: (options, scope) => {
      const { against, tree } = options;
      const cast = against
        ? { peer: against.name, floor: 'none', rivals: [against] }
        : { peer: peer.name, floor: floor.name, rivals: rivalsOf(tree) };
      return run(spec, cast, options, scope);
    },
  };
};

interface Cast {
  readonly peer: string;
  readonly floor: string;
  readonly rivals: readonly Subject[];
}

/** Proves each subject's rules, then measures all of them in turn. */
async function run(spec: ForwardingSpec, cast: Cast, options: Options, scope: Scope): Promise<Result> {
  const subjects = [oursIn(options.tree), ...cast.rivals].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const work = await spec.work(options.flows);
  const workload = await makeWorkload(work, scope);
  await proveAll(subjects, workload, work, spec.free ?? [], options, scope);
  const entries = subjects.map((subject): Entry => ({ name: subject.name, subject, workload }));
  return makeResult({
    scenario: spec.name,
    peer: cast.peer,
    floor: cast.floor,
    flows: options.flows,
    runs: options.runs,
    ...(await measureAll(entries, options, scope)),
    ...(spec.noPeer === undefined ? {} : { extra: { noPeer: spec.noPeer } }),
  });
}

/** Writes the captures and reserves the memory. */
export async function makeWorkload({ rules, sources, sinks = ['sink'], counted }: Work, scope: Scope): Promise<Workload> {
  const directory = await makeRunDirectory(scope);
  const ports = [
    ...Object.keys(sources).map((name) => ({ name, capture: join(directory, `${name}.pcap`) })),
    ...sinks.map((name) => ({ name })),
  ];
  for (const [name, frames] of Object.entries(sources)) await writeFile(join(directory, `${name}.pcap`), encodePcap(frames));
  const frames = Object.values(sources).reduce((sum, list) => sum + list.length, 0);
  const memoryMib = frames > 40_000 ? 1024 : 512;
  await reserveHugepages(memoryMib + hugepageSlackMib, scope);
  return {
    directory,
    ports,
    counted: counted ?? ports.map(({ name }) => name),
    rules,
    frames,
    workerCores: [1],
    housekeepingCore: 0,
    memoryMib,
  };
}

/** Shows that each subject with rules does what they say. */
export async function proveAll(
  subjects: readonly Subject[],
  workload: Workload,
  { sources, proof }: Work,
  free: FreeBytes,
  options: Options,
  scope: Scope,
): Promise<void> {
  const frames = new Map(proof ? Object.entries(proof) : Object.entries(sources).map(([name, list]) => [name, someFrames(list)]));
  const count = [...frames.values()].reduce((sum, list) => sum + list.length, 0);
  for (const subject of subjects.filter((s) => s.hasRules)) {
    await prove(subject, workload, { frames, free }, scope);
    options.log(`${subject.name}: ${count} frames forwarded as the rules say`);
  }
}
