import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { Bucket } from './budgets.js';

const bytesPerSecond = 64 * 1024;
const maxLine = 2048;

/** Lines that a process prints, as fast as is allowed: one that prints more waits for it. */
export async function printedLines(stream: Readable, line: (text: string) => void): Promise<void> {
  const bytes = new Bucket(bytesPerSecond, bytesPerSecond, performance.now());
  let rest = '';
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = (lines.pop() ?? '').slice(0, maxLine);
      for (const text of lines) if (text !== '') line(text.slice(0, maxLine));
      await sleep(bytes.take(chunk.length, performance.now()));
    }
  } catch {
    // The process was ended.
  }
  if (rest !== '') line(rest);
}
