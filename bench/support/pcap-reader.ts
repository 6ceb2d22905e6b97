import { open } from 'node:fs/promises';
import { checkMagic, decodeRecords, fileHeaderBytes } from './pcap.js';

/** Reads a capture that another process still writes. */
export class PcapReader {
  readonly #path: string;
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The frames that follow, of at most `limit` bytes of the file; none where there are none yet. */
  async next(limit: number): Promise<Buffer[]> {
    const file = await open(this.#path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(limit), 0, limit, this.#at);
      let bytes = buffer.subarray(0, bytesRead);
      if (this.#at === 0) {
        if (bytesRead < fileHeaderBytes) return [];
        checkMagic(bytes);
        bytes = bytes.subarray(fileHeaderBytes);
        this.#at = fileHeaderBytes;
      }
      const { frames, used } = decodeRecords(bytes);
      this.#at += used;
      return frames;
    } finally {
      await file.close();
    }
  }
}
