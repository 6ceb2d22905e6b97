import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Subject, Workload } from '../subject.js';
import { encodePcap } from '../support/pcap.js';
import { PcapReader } from '../support/pcap-reader.js';
import { withScope, type Scope } from '../support/scope.js';
import { expectedOf, outputText } from './expect.js';
import { forwardingFault, type FreeBytes } from './prove.js';

/** Different frames in the proof. */
const provenFrames = 64;
/** Of each sink's file, between two looks at what is still missing. */
const chunkBytes = 2 ** 20;
const proofMs = 20_000;

export interface Proof {
  /** A few frames of the scenario for each source. */
  readonly frames: ReadonlyMap<string, readonly Buffer[]>;
  readonly free: FreeBytes;
}

/** Some of a scenario's frames, from all over its capture. */
export const someFrames = (frames: readonly Buffer[]): Buffer[] =>
  frames.filter((_, i) => i % Math.max(1, Math.floor(frames.length / provenFrames)) === 0).slice(0, provenFrames);

/** Forwards a short capture into files, and compares what is in them with what the rules make of the capture. Throws where it differs. */
export const prove = (subject: Subject, workload: Workload, proof: Proof, parent: Scope): Promise<void> =>
  withScope(async (scope) => {
    const sinkFile = (port: string): string => join(workload.directory, `proof-${port}-out.pcap`);
    const ports = workload.ports.map(({ name, capture }) =>
      capture === undefined ? { name } : { name, capture: join(workload.directory, `proof-${name}-in.pcap`) },
    );
    for (const { name, capture } of ports) {
      scope.defer(() => rm(sinkFile(name), { force: true })); // the sinks write some hundred megabytes a second
      if (capture !== undefined) await writeFile(capture, encodePcap(proof.frames.get(name) ?? []));
    }
    const received = [...proof.frames].flatMap(([port, frames]) => frames.map((frame) => ({ port, frame })));
    const expected = expectedOf(workload, received);
    await subject.start({ ...workload, ports }, { kind: 'prove', sinkFile }, scope);
    const deadline = performance.now() + proofMs;
    const readers = ports.map(({ name }) => ({ name, reader: new PcapReader(sinkFile(name)) }));
    const sent = new Set<string>();
    for (;;) {
      for (const { name, reader } of readers)
        for (const frame of await reader.next(chunkBytes)) sent.add(outputText(name, frame));
      const fault = forwardingFault(expected, [...sent], proof.free);
      if (fault === undefined) return;
      if (performance.now() > deadline) throw new Error(`${subject.name} does not do what the scenario asks: ${fault}`);
      await sleep(10);
    }
  }, parent);
