import { once } from 'node:events';
import { connect } from 'node:net';

/** Requests that are not answered yet. */
const mostAhead = 64;
const answerStart = Buffer.from('HTTP/1.1 ');
const lengthName = 'content-length: ';

/**
 * Sends requests that are ready on one connection, and returns when all are answered. It does as little as it can: it has the core in
 * common with whom it asks. Throws at an answer other than 200.
 */
export async function sendPipelined(socketPath: string, requests: readonly Buffer[]): Promise<void> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  let [sent, answered] = [0, 0];
  const fill = (): void => {
    const end = Math.min(requests.length, answered + mostAhead);
    if (end > sent) socket.write(Buffer.concat(requests.slice(sent, end)));
    sent = end;
  };
  fill();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let size = answerBytes(rest); size > 0 && size <= rest.length; size = answerBytes(rest)) {
      const answer = rest.subarray(0, size);
      if (answer.subarray(answerStart.length, answerStart.length + 3).toString('latin1') !== '200')
        throw new Error(answer.toString());
      rest = rest.subarray(size);
      answered++;
    }
    if (answered === requests.length) break;
    fill();
  }
  socket.destroy();
  if (answered < requests.length) throw new Error(`${requests.length - answered} requests were not answered`);
}

/** Of the first answer, 0 where its head is not whole. */
function answerBytes(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const text = bytes.toString('latin1', 0, head + 2).toLowerCase();
  const at = text.indexOf(lengthName);
  if (at < 0) throw new Error(`an answer without length: ${text}`);
  return head + 4 + parseInt(text.slice(at + lengthName.length), 10);
}

/** A request as it goes over the wire. */
export function requestBytes(method: string, path: string, body: unknown): Buffer {
  const text = JSON.stringify(body);
  const head = `${method} ${path} HTTP/1.1\r\nhost: vswitch\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n`;
  return Buffer.from(head + text);
}
