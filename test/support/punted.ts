import { headAt, headerBytes, paddedBytes, putHead, type RecordHead } from '../../src/plugins/wire/record.js';

export type PuntedRecord = Partial<RecordHead> & { readonly frame: Uint8Array };

/** A record as the data plane writes it. */
export function recordOf({ frame, kind = 0, worker = 0, port = 1, handler = 0, mark = 0 }: PuntedRecord): Buffer {
  const record = Buffer.alloc(paddedBytes(frame.length));
  putHead(new DataView(record.buffer, record.byteOffset), 0, { length: frame.length, kind, worker, port, handler, mark });
  record.set(frame, headerBytes);
  return record;
}

/** The records of a stream, and what is left over. */
export function recordsIn(bytes: Uint8Array): {
  readonly records: (RecordHead & { frame: Uint8Array })[];
  readonly rest: number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: (RecordHead & { frame: Uint8Array })[] = [];
  let at = 0;
  while (bytes.length - at >= headerBytes) {
    const head = headAt(view, at);
    const next = at + paddedBytes(head.length);
    if (next > bytes.length) break;
    records.push({ ...head, frame: Uint8Array.from(bytes.subarray(at + headerBytes, at + headerBytes + head.length)) });
    at = next;
  }
  return { records, rest: bytes.length - at };
}

/** A frame of so many bytes, each `fill`. */
export const frameOf = (length = 60, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);
