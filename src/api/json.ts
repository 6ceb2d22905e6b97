import { randomBytes } from 'node:crypto';

/** Stands for an integer that JavaScript's numbers cannot hold, until it is written; nobody outside can guess it. */
const nonce = randomBytes(12).toString('hex');
const held = new RegExp(`"${nonce}(-?[0-9]+)"`, 'g');

/**
 * JSON text in which a bigint is an integer literal, of whatever size: JSON's numbers have no bound (RFC 8259 section 6). A reader
 * whose numbers are doubles loses the last digits above 2^53.
 */
export function toJson(value: unknown): string {
  const large: bigint[] = [];
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'bigint') return item;
    const number = Number(item);
    if (Number.isSafeInteger(number)) return number;
    large.push(item);
    return nonce + item.toString();
  });
  return large.length > 0 ? text.replace(held, '$1') : text;
}
