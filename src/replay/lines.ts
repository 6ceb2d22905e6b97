import { VswitchError } from '../model/errors.js';

/** More than any packet needs as hex. */
const longestLine = 262_144;

/** Lines of a stream, without their ends. @throws VswitchError REQUEST_INVALID for a line that has no end in sight. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 1;
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line;
    number += lines.length;
    if (rest.length > longestLine) {
      const message = `line ${number} is longer than ${longestLine} characters`;
      throw new VswitchError('REQUEST_INVALID', message, [{ pointer: `/line ${number}`, message }]);
    }
  }
  if (rest !== '') yield rest;
}
