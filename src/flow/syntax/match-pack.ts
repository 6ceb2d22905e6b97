import { prefixMask } from '../../model/address.js';
import { fullMask, isFieldName, matchFields, type FieldFormat, type FieldMatch, type MatchText } from '../../model/match.js';
import { maxKeyBytes, PackedMatch, shapeOf, writeHead, writeValue, type ShapeField } from '../../model/packed-match.js';
import type { Topology } from '../../model/topology.js';
import { ShapeNode } from './match-shapes.js';
import { parseField } from './value.js';

/** Values wait here until all fields are read: each has its place, of so many bytes, whatever the order in which they are written. */
const placeBytes = 32;
const places = new Uint8Array(matchFields.length * placeBytes);
const key = Buffer.alloc(maxKeyBytes);

interface ReadField extends ShapeField {
  readonly format: FieldFormat;
  readonly place: number;
  /** The largest number that is the value as it stands. */
  readonly most: number;
}

const byName: ReadonlyMap<string, ReadField> = new Map(
  matchFields.map(({ name, bits, format }, number) => [
    name,
    {
      ...shapeOf(name, { value: 0n, mask: fullMask(bits) }),
      format,
      place: number * placeBytes,
      most: Math.min(2 ** bits - 1, Number.MAX_SAFE_INTEGER),
    },
  ]),
);

let shapes = new ShapeNode([]);
/** Shapes are what people make them: past this many, they are found anew. */
const maxShapes = 16_384;

/**
 * A match from its text; undefined where a field has a fault, which parseMatch explains. Prerequisites are not looked at. Most values
 * are whole numbers, MAC and IPv4 addresses, and are read here without anything being allocated for them; the others are parseField's.
 */
export function packText(text: MatchText, topology: Topology, table: number, priority: number): PackedMatch | undefined {
  let node = firstField();
  for (const name in text) {
    const written = text[name as keyof MatchText];
    if (written === undefined) continue;
    const next = readField(node, name, written, topology);
    if (next === undefined) return undefined;
    node = next;
  }
  return packFields(node, table, priority);
}

/** Where a match begins that is read field by field; one at a time. */
export function firstField(): ShapeNode {
  if (shapes.count > maxShapes) shapes = new ShapeNode([]);
  return shapes;
}

/** The match of the fields that were read last. */
export function packFields({ shape }: ShapeNode, table: number, priority: number): PackedMatch {
  writeHead(key, shape, table, priority);
  let at = shape.valuesAt;
  for (const { number, bytes, range } of shape.fields) {
    const from = number * placeBytes;
    for (let end = at + (range ? 2 * bytes : bytes), i = from; at < end; at++, i++) key[at] = places[i] ?? 0;
  }
  return new PackedMatch(shape, key.toString('latin1', 0, at));
}

/** Reads one field into its place; undefined where it has a fault. */
export function readField(node: ShapeNode, name: string, written: string | number, topology: Topology): ShapeNode | undefined {
  const field = byName.get(name);
  if (!field || !isFieldName(name)) return undefined;
  const { format, place, bytes } = field;
  if (typeof written === 'number') {
    if (format !== 'port' && format !== 'vlan' && putNumber(written, place, bytes, field.most)) return node.exact(field);
  } else if (format === 'ipv4') {
    const length = putIpv4(written, place);
    if (length === 32) return node.exact(field);
    if (length > 0) return node.masked(field, prefixMasks[length] ?? 0n);
  } else if (format === 'mac' && putMac(written, place)) return node.exact(field);
  const found = parseField(name, written, topology);
  return found.ok ? put(node, field, found.value) : undefined;
}

function put(node: ShapeNode, field: ReadField, value: FieldMatch): ShapeNode {
  writeValue(places, field.place, field.bytes, value);
  if (value.high !== undefined) return node.range(field);
  return value.mask === field.mask ? node.exact(field) : node.masked(field, value.mask);
}

function putNumber(value: number, at: number, bytes: number, most: number): boolean {
  if (!(value >= 0 && value <= most && Number.isInteger(value))) return false;
  let rest = value;
  for (let i = at + bytes - 1; i >= at; i--) {
    places[i] = rest & 255;
    // Beyond 32 bits a shift would lose the upper ones.
    rest = rest > 0xffff_ffff ? Math.floor(rest / 256) : rest >>> 8;
  }
  return true;
}

const prefixMasks = Array.from({ length: 32 }, (_, length) => prefixMask(length, 32));

const [zero, dot, slash, colon] = ['0', '.', '/', ':'].map((sign) => sign.charCodeAt(0)) as [number, number, number, number];

/** Four decimal octets and maybe a prefix's length, which is returned; -1 where the text is anything else. */
function putIpv4(text: string, at: number): number {
  let octet = 0;
  let value = 0;
  let digits = 0;
  let i = 0;
  for (; i < text.length; i++) {
    const sign = text.charCodeAt(i);
    if (sign === dot) {
      if (digits === 0 || octet === 3) return -1;
      places[at + octet++] = value;
      value = digits = 0;
    } else {
      const digit = sign - zero;
      if (digit < 0 || digit > 9) break;
      // 010 might be meant octal.
      if ((digits > 0 && value === 0) || (value = value * 10 + digit) > 255) return -1;
      digits++;
    }
  }
  if (octet !== 3 || digits === 0) return -1;
  places[at + 3] = value;
  if (i === text.length) return 32;
  return text.charCodeAt(i) === slash ? putLength(text.slice(i + 1), at) : -1;
}

/** The length of a prefix without host bits. */
function putLength(text: string, at: number): number {
  const length = /^[0-9]{1,2}$/.test(text) ? Number(text) : 33;
  if (length > 32) return -1;
  for (let i = 0; i < 4; i++) {
    const free = Math.min(8, Math.max(0, 8 * (i + 1) - length));
    if (((places[at + i] ?? 0) & ((1 << free) - 1)) !== 0) return -1;
  }
  return length;
}

/** By their code; 255 for what is no hexadecimal digit. */
const hexDigits = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

function putMac(text: string, at: number): boolean {
  if (text.length !== 17) return false;
  for (let i = 0; i < 6; i++) {
    const high = hexDigits[text.charCodeAt(3 * i)] ?? 255;
    const low = hexDigits[text.charCodeAt(3 * i + 1)] ?? 255;
    if ((high | low) > 15 || (i < 5 && text.charCodeAt(3 * i + 2) !== colon)) return false;
    places[at + i] = high * 16 + low;
  }
  return true;
}
