import { headerBytes, isFrame, maxRecordBytes, paddedBytes } from './record.js';

/** Hears of each whole record: where it begins in `bytes`, and how long its frame is. */
export type RecordSink = (at: number, length: number) => void;

/**
 * Finds the records of a stream in a buffer that is read into over and over. What a read cuts in two is moved to just before the
 * place where the next read goes, so that every record is in one piece and none is copied but these.
 */
export class RecordReader {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Where reads go. */
  readonly target: Buffer;
  #kept = 0;

  constructor(readBytes: number) {
    const ahead = maxRecordBytes;
    this.bytes = Buffer.alloc(ahead + readBytes);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    this.target = this.bytes.subarray(ahead);
  }

  /**
   * `size` bytes came into `target`. The records that are whole go to `sink`, and hold until the next call.
   * @throws RangeError for what is no record; nothing can be read after it.
   */
  accept(size: number, sink: RecordSink): void {
    const end = maxRecordBytes + size;
    let at = maxRecordBytes - this.#kept;
    while (end - at >= headerBytes) {
      const length = this.view.getUint32(at, true);
      if (!isFrame(length)) throw new RangeError(`a record of ${length} bytes`);
      const next = at + paddedBytes(length);
      if (next > end) break;
      sink(at, length);
      at = next;
    }
    this.#kept = end - at;
  }

  /** Once the records of the last call are done with. */
  keep(size: number): void {
    const end = maxRecordBytes + size;
    this.bytes.copyWithin(maxRecordBytes - this.#kept, end - this.#kept, end);
  }
}
