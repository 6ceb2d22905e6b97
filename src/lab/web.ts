/** A program for the lab's machines: `serve PORT`, `fetch URL`, or `loop URL MILLISECONDS` until it is ended. */
import { createServer, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [verb, target = '', pause = '1000'] = process.argv.slice(2);
/** Enough for several full segments. */
const body = 'a page of the lab\n'.repeat(500);

function fetchPage(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: 2000, agent: false }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.once('end', () => resolve(bytes));
      answer.once('error', reject);
    });
    request.once('timeout', () => request.destroy(new Error(`no answer from ${url} within 2 s`)));
    request.once('error', reject);
  });
}

if (verb === 'serve') {
  createServer((_request, answer) => answer.end(body)).listen(Number(target), '::');
} else if (verb === 'fetch') {
  const bytes = await fetchPage(target);
  console.log(`${bytes} bytes`);
  process.exitCode = bytes === body.length ? 0 : 1;
} else {
  for (;;) {
    await fetchPage(target).catch(() => undefined);
    await sleep(Number(pause));
  }
}
