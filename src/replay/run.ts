import type { DataPlane, ProbeResult } from '../switch/types.js';
import type { InputPacket } from './input.js';

/** Packets that are given to the data plane at a time: what bounds the memory of a replay. */
const batchPackets = 256;

export interface Replayed {
  readonly packet: InputPacket;
  readonly result: ProbeResult;
}

/** Runs packets through the installed program, in their order. */
export async function* replay(
  packets: AsyncIterable<InputPacket>,
  dataPlane: Pick<DataPlane, 'probe'>,
): AsyncGenerator<Replayed> {
  for await (const batch of batches(packets, batchPackets)) {
    const results = await dataPlane.probe(batch, false);
    for (const [i, result] of results.entries()) {
      const packet = batch[i];
      if (packet) yield { packet, result };
    }
  }
}

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
