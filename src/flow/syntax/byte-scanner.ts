const code = (sign: string): number => sign.charCodeAt(0);
const [quote, backslash, zero, nine] = [code('"'), code('\\'), code('0'), code('9')];
const [openList, closeList, openObject, closeObject] = [code('['), code(']'), code('{'), code('}')];
const [point, exponent, largeExponent] = [code('.'), code('e'), code('E')];

const isSpace = (byte: number | undefined): boolean =>
  byte !== undefined && byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);

/**
 * Reads JSON's tokens from bytes (RFC 8259), the plain ones alone: strings of printable ASCII without escapes, and whole numbers. Who
 * comes upon another has not found what it looks for.
 */
export class ByteScanner {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  #space(): void {
    while (isSpace(this.bytes[this.at])) this.at++;
  }

  /** Whether these characters are next without white space before them, and goes past them. */
  skipNear(word: Uint8Array): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
    this.at = at + word.length;
    return true;
  }

  /** The same of many characters, which Node compares faster than a loop does. */
  skipMany(words: Uint8Array): boolean {
    const { bytes, at } = this;
    const end = at + words.length;
    if (end > bytes.length || bytes.compare(words, 0, words.length, at, end) !== 0) return false;
    this.at = end;
    return true;
  }

  /** Whether these characters are next, and goes past them. */
  skip(word: Uint8Array): boolean {
    this.#space();
    return this.skipNear(word);
  }

  /** Where the string that is next ends, past its quote; -1 where there is none. It begins at `at`. */
  stringEnd(): number {
    const { bytes } = this;
    this.#space();
    if (bytes[this.at] !== quote) return -1;
    for (let i = this.at + 1; ; i++) {
      const byte = bytes[i];
      if (byte === quote) return i + 1;
      if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === backslash) return -1;
    }
  }

  /** Whether a string is next. */
  isString(): boolean {
    this.#space();
    return this.bytes[this.at] === quote;
  }

  string(): string | undefined {
    const end = this.stringEnd();
    if (end < 0) return undefined;
    const text = this.bytes.toString('latin1', this.at + 1, end - 1);
    this.at = end;
    return text;
  }

  /** A whole number from 0 to `most`; -1 where there is none. */
  integer(most: number): number {
    const { bytes } = this;
    this.#space();
    let value = 0;
    let i = this.at;
    for (; ; i++) {
      const byte = bytes[i];
      if (byte === undefined || byte < zero || byte > nine) break;
      if (i > this.at && value === 0) return -1;
      value = value * 10 + (byte - zero);
      if (value > most) return -1;
    }
    const after = bytes[i];
    if (i === this.at || after === point || after === exponent || after === largeExponent) return -1;
    this.at = i;
    return value;
  }

  /** Past the list or object that is next, whatever is in it; undefined where its brackets do not match in number. */
  bracketed(): Buffer | undefined {
    const { bytes } = this;
    this.#space();
    let depth = 0;
    for (let i = this.at; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === quote) {
        for (i++; i < bytes.length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++;
      } else if (byte === openList || byte === openObject) depth++;
      else if ((byte === closeList || byte === closeObject) && --depth === 0) {
        const found = bytes.subarray(this.at, i + 1);
        this.at = i + 1;
        return found;
      }
      if (depth === 0) return undefined;
    }
    return undefined;
  }

  /** Whether nothing but white space is left. */
  isAtEnd(): boolean {
    this.#space();
    return this.at === this.bytes.length;
  }
}
