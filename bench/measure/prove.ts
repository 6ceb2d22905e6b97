import type { ForwardRule } from '../subject.js';

const macsBytes = 12;

/** `frame` as the rule sends it, in hexadecimal. */
const expected = (frame: Buffer, rule: ForwardRule): string =>
  rule.ethDst.replaceAll(':', '') + rule.ethSrc.replaceAll(':', '') + frame.toString('hex', macsBytes);

/**
 * Why `sent` is not what the rule makes of `received`, which repeats for ever: undefined where every frame sent is one of them with
 * the rule's MACs and nothing else changed, and each of them was sent.
 */
export function rewriteFault(received: readonly Buffer[], sent: readonly Buffer[], rule: ForwardRule): string | undefined {
  const missing = new Set(received.map((frame) => expected(frame, rule)));
  const wanted = new Set(missing);
  for (const [i, frame] of sent.entries()) {
    const hex = frame.toString('hex');
    if (!wanted.has(hex)) return `frame ${i} is not what the rule makes of any frame: ${hex}`;
    missing.delete(hex);
  }
  return missing.size > 0 ? `${missing.size} of ${wanted.size} different frames were not sent` : undefined;
}
