import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { formatFlow } from '../flow/syntax/text.js';
import { answerOf, type Names } from './answer.js';
import { CaptureDirectory } from './captures.js';
import type { Replayed } from './run.js';
import type { ReplaySession } from './session.js';
import { Tally } from './summary.js';

/** A line of JSON for each packet, as fast as they are read; who stops reading ends it. */
export async function writeLines(replayed: AsyncIterable<Replayed>, names: Names, out: Writable): Promise<void> {
  try {
    await pipeline(Readable.from(answers(replayed, names)), out, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

async function* answers(replayed: AsyncIterable<Replayed>, names: Names): AsyncGenerator<string> {
  for await (const { result } of replayed) yield JSON.stringify(answerOf(result, names)) + '\n';
}

/** A capture for each port of what it sent, and `summary.json`. */
export async function writeDirectory(
  replayed: AsyncIterable<Replayed>,
  { names, flows, ports }: Pick<ReplaySession, 'names' | 'flows' | 'ports'>,
  directory: string,
): Promise<void> {
  const tally = new Tally(names, ports.names);
  const { topology } = flows;
  const captures = await CaptureDirectory.open(directory, new Map(topology.ports.map(({ number, name }) => [number, name])));
  try {
    for await (const one of replayed) {
      tally.add(one);
      for (const { port, bytes } of one.result.out) await captures.add(port, { timeNs: one.packet.timeNs, bytes });
    }
  } finally {
    await captures.close();
  }
  const summary = tally.summary((flow) => formatFlow(flow, topology));
  await writeFile(join(directory, 'summary.json'), JSON.stringify(summary, undefined, 2) + '\n');
}
