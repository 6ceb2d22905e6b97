/** What a query asks (RFC 1035, section 4.1). */
export interface Query {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** In lower case, without the last dot; a dot within a label is `\.`. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Its bytes, as they came. */
  readonly question: Uint8Array;
}

/** `other`: no standard query, and none of the filter's business. */
export type Read = Query | 'other' | 'malformed';

export const types = { a: 1, aaaa: 28, any: 255 } as const;
export const internet = 1;
export const codes = { noError: 0, nameError: 3 } as const;

const headerBytes = 12;
const maxNameBytes = 255;
/** Without EDNS (RFC 1035, section 4.2.1). */
const maxMessageBytes = 512;

export function readQuery(bytes: Uint8Array): Read {
  if (bytes.length < headerBytes) return 'malformed';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint16(2);
  const [isAnswer, opcode] = [flags >> 15 !== 0, (flags >> 11) & 15];
  if (isAnswer || opcode !== 0) return 'other';
  // Nobody answers more than one question, and a message without one asks nothing.
  if (view.getUint16(4) !== 1) return 'malformed';
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = bytes[at++];
    // 64 and more is a pointer, and before the first name there is nothing to point to.
    if (length === undefined || length > 63 || at + length > bytes.length) return 'malformed';
    if (length === 0) break;
    labels.push(labelText(bytes.subarray(at, at + length)));
    at += length;
    if (at - headerBytes >= maxNameBytes) return 'malformed';
  }
  if (at + 4 > bytes.length) return 'malformed';
  return {
    id: view.getUint16(0),
    recursionDesired: (flags & 0x0100) !== 0,
    name: labels.join('.'),
    type: view.getUint16(at),
    class: view.getUint16(at + 2),
    question: bytes.slice(headerBytes, at + 4),
  };
}

const labelText = (label: Uint8Array): string => Buffer.from(label).toString('latin1').toLowerCase().replaceAll('.', '\\.');

/** The answer of who is in charge of the name, with as many of the addresses as it has room for. */
export function answer(
  { id, recursionDesired, question }: Query,
  code: number,
  addresses: readonly Uint8Array[],
  ttlS: number,
): Uint8Array {
  const room = maxMessageBytes - headerBytes - question.length;
  const records: Uint8Array[] = [];
  let used = 0;
  for (const address of addresses) {
    const record = recordOf(address, ttlS);
    if (used + record.length > room) break;
    records.push(record);
    used += record.length;
  }
  const truncated = records.length < addresses.length;
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x8400 | (truncated ? 0x0200 : 0) | (recursionDesired ? 0x0180 : 0) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

/** Its name is the question's. */
function recordOf(address: Uint8Array, ttlS: number): Uint8Array {
  const record = Buffer.alloc(12 + address.length);
  record.writeUInt16BE(0xc000 | headerBytes, 0);
  record.writeUInt16BE(address.length === 4 ? types.a : types.aaaa, 2);
  record.writeUInt16BE(internet, 4);
  record.writeUInt32BE(ttlS, 6);
  record.writeUInt16BE(address.length, 10);
  record.set(address, 12);
  return record;
}
