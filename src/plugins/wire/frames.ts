/** Messages between a plugin host and its supervisor: JSON on a stream, each after its length in bytes (u32, little-endian). */
export function frameOf(message: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(4 + text.length);
  frame.writeUInt32LE(text.length);
  text.copy(frame, 4);
  return frame;
}

export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Cuts a stream into messages. One that is longer than allowed is refused by its length, before any of it is kept. */
export class FrameReader {
  readonly #most: number;
  readonly #head = Buffer.alloc(4);
  #headBytes = 0;
  #body: Buffer | undefined;
  #bodyBytes = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** @returns the messages that are whole now. @throws FrameError; nothing can be read after it. */
  accept(chunk: Buffer): { readonly message: unknown; readonly bytes: number }[] {
    const messages: { message: unknown; bytes: number }[] = [];
    for (let at = 0; at < chunk.length;) {
      if (!this.#body) {
        const taken = chunk.copy(this.#head, this.#headBytes, at);
        at += taken;
        this.#headBytes += taken;
        if (this.#headBytes < 4) break;
        const length = this.#head.readUInt32LE();
        if (length > this.#most) throw new FrameError(`a message of ${length} bytes, where ${this.#most} are allowed`);
        this.#body = Buffer.allocUnsafe(length);
        this.#bodyBytes = 0;
      }
      const taken = chunk.copy(this.#body, this.#bodyBytes, at);
      at += taken;
      this.#bodyBytes += taken;
      if (this.#bodyBytes < this.#body.length) continue;
      messages.push({ message: parse(this.#body), bytes: this.#body.length });
      this.#body = undefined;
      this.#headBytes = 0;
    }
    return messages;
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new FrameError('a message that is no JSON');
  }
}
