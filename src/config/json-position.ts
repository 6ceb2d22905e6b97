/** Where a text stops being JSON (RFC 8259): line and column from 1. JSON.parse does not always say. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

/** Undefined where the text is JSON. */
export function jsonFaultPosition(text: string): JsonPosition | undefined {
  const scanner = new Scanner(text);
  const at = scanner.firstFault();
  if (at === undefined) return undefined;
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const scalar =
  /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const space = /[ \t\n\r]*/y;

/** Reads as far as the text is JSON. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  firstFault(): number | undefined {
    const whole = this.#value();
    this.#take(space);
    return whole && this.#at === this.#text.length ? undefined : this.#at;
  }

  #value(): boolean {
    this.#take(space);
    if (this.#is('{')) return this.#list('}', () => this.#member());
    if (this.#is('[')) return this.#list(']', () => this.#value());
    return this.#take(scalar);
  }

  #member(): boolean {
    this.#take(space);
    if (!this.#take(string)) return false;
    this.#take(space);
    return this.#is(':') && this.#value();
  }

  #list(end: string, item: () => boolean): boolean {
    this.#take(space);
    if (this.#is(end)) return true;
    for (;;) {
      if (!item()) return false;
      this.#take(space);
      if (this.#is(end)) return true;
      if (!this.#is(',')) return false;
    }
  }

  #is(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found !== null;
  }
}
