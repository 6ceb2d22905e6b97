import { open } from 'node:fs/promises';
import { encodePcap, fileHeaderBytes } from './pcap.js';

const framesAtOnce = 10_000;

/** Writes a capture of so many frames that all of them together are not held in memory. */
export async function writeCapture(path: string, count: number, frame: (i: number) => Buffer): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let at = 0; at < count; at += framesAtOnce) {
      const frames = Array.from({ length: Math.min(framesAtOnce, count - at) }, (_, i) => frame(at + i));
      await file.writeFile(encodePcap(frames).subarray(at === 0 ? 0 : fileHeaderBytes));
    }
  } finally {
    await file.close();
  }
}
