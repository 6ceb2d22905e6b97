import { fieldOf, fullMask, type FieldMatch, type FieldName, type Match } from './match.js';

/**
 * Matches as bytes. There may be a million, and as a Map of bigints each would take a kilobyte; here it is one string, which is also
 * the key that tells a flow from the others of its owner:
 *
 * ```
 * u8 table, u16 priority, u8 fields                          the head
 * for each field: u8 its number, plus 64 where it is masked and 128 where it is a range; then the mask of a masked one
 * for each field: its value; of a range the lowest and the highest
 * ```
 * The bytes lie as in a packet, the high one first. What comes before the values is known from the shape.
 */
export interface ShapeField {
  readonly name: FieldName;
  readonly number: number;
  readonly mask: bigint;
  readonly range: boolean;
  /** Of one value. */
  readonly bytes: number;
}

/** A field of a shape, and where its value is in the key. */
interface Placed extends ShapeField {
  readonly at: number;
}

/** Table and priority. */
export const headBytes = 3;
/** All fields at once, each a masked one of 16 bytes or a range. */
export const maxKeyBytes = 4096;

const masked = 64;
const range = 128;

/** Which bits of which fields a match looks at: all but the values. Many flows have one shape. */
export class MatchShape {
  readonly fields: readonly Placed[];
  /** As it stands in the key; equal exactly where two shapes are. */
  readonly code: Uint8Array;
  /** The same as text, for maps. */
  readonly text: string;
  /** Bytes of a key. */
  readonly size: number;

  /** @param fields in the order of their numbers. */
  constructor(fields: readonly ShapeField[]) {
    this.code = codeOf(fields);
    this.text = Buffer.from(this.code).toString('latin1');
    let at = headBytes + this.code.length;
    this.fields = fields.map((field) => {
      const placed = { ...field, at };
      at += field.bytes * (field.range ? 2 : 1);
      return placed;
    });
    this.size = at;
  }

  /** Where the values begin in a key. */
  get valuesAt(): number {
    return headBytes + this.code.length;
  }
}

function codeOf(fields: readonly ShapeField[]): Uint8Array {
  const code = [fields.length];
  for (const { number, mask, range: isRange, bytes, name } of fields) {
    const whole = mask === fullMask(fieldOf(name).spec.bits);
    code.push(number + (isRange ? range : whole ? 0 : masked));
    if (!isRange && !whole) for (let i = bytes - 1; i >= 0; i--) code.push(byteOf(mask, i));
  }
  return Uint8Array.from(code);
}

/** A match in its packed form. Reading a field makes new bigints: what runs for each of many flows reads the key. */
export class PackedMatch implements Match {
  readonly shape: MatchShape;
  readonly key: string;

  constructor(shape: MatchShape, key: string) {
    this.shape = shape;
    this.key = key;
  }

  get size(): number {
    return this.shape.fields.length;
  }

  has(name: FieldName): boolean {
    return this.shape.fields.some((field) => field.name === name);
  }

  get(name: FieldName): FieldMatch | undefined {
    const field = this.shape.fields.find((one) => one.name === name);
    return field && this.#read(field);
  }

  entries(): MapIterator<[FieldName, FieldMatch]> {
    return this.#unpacked().entries();
  }

  keys(): MapIterator<FieldName> {
    return this.#unpacked().keys();
  }

  values(): MapIterator<FieldMatch> {
    return this.#unpacked().values();
  }

  [Symbol.iterator](): MapIterator<[FieldName, FieldMatch]> {
    return this.entries();
  }

  forEach(visit: (value: FieldMatch, name: FieldName, match: Match) => void): void {
    for (const [name, value] of this) visit(value, name, this);
  }

  #unpacked(): Map<FieldName, FieldMatch> {
    return new Map(this.shape.fields.map((field) => [field.name, this.#read(field)]));
  }

  #read({ at, bytes, mask, range: isRange }: Placed): FieldMatch {
    const value = this.#number(at, bytes);
    return isRange ? { value, mask, high: this.#number(at + bytes, bytes) } : { value, mask };
  }

  #number(at: number, bytes: number): bigint {
    let value = 0n;
    for (let i = 0; i < bytes; i++) value = (value << 8n) | BigInt(this.key.charCodeAt(at + i));
    return value;
  }
}

const scratch = Buffer.alloc(maxKeyBytes);

/** A match in its packed form, with a key for this table and priority. */
export function packMatch(match: Match, table = 0, priority = 0): PackedMatch {
  if (match instanceof PackedMatch && isFor(match, table, priority)) return match;
  const shape =
    match instanceof PackedMatch ? match.shape : new MatchShape(Array.from(match, ([name, field]) => shapeOf(name, field)));
  writeHead(scratch, shape, table, priority);
  for (const { name, at, bytes } of shape.fields) {
    const field = match.get(name);
    if (field) writeValue(scratch, at, bytes, field);
  }
  return new PackedMatch(shape, scratch.toString('latin1', 0, shape.size));
}

/** In its packed form, for whatever table and priority. */
export const packed = (match: Match): PackedMatch => (match instanceof PackedMatch ? match : packMatch(match));

const isFor = ({ key }: PackedMatch, table: number, priority: number): boolean =>
  key.charCodeAt(0) === table && key.charCodeAt(1) === priority >> 8 && key.charCodeAt(2) === (priority & 255);

export function shapeOf(name: FieldName, { mask, high }: FieldMatch): ShapeField {
  const { number, spec } = fieldOf(name);
  return { name, number, mask, range: high !== undefined, bytes: Math.ceil(spec.bits / 8) };
}

/** What stands in a key before the values. */
export function writeHead(key: Uint8Array, { code }: MatchShape, table: number, priority: number): void {
  key[0] = table;
  key[1] = priority >> 8;
  key[2] = priority & 255;
  for (let i = 0; i < code.length; i++) key[headBytes + i] = code[i] ?? 0;
}

/** A value, or the two of a range. */
export function writeValue(to: Uint8Array, at: number, bytes: number, { value, high }: FieldMatch): void {
  for (let i = 0; i < bytes; i++) {
    to[at + i] = byteOf(value, bytes - 1 - i);
    if (high !== undefined) to[at + bytes + i] = byteOf(high, bytes - 1 - i);
  }
}

const byteOf = (value: bigint, i: number): number => Number((value >> BigInt(8 * i)) & 0xffn);
