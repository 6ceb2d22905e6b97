import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { jsonPointer, type Fault } from '../model/errors.js';
import { nearest } from './nearest.js';

/** The part of JSON Schema that the project's schemas use. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * Everything in which `value` differs from the schema, in words for people; empty exactly where the schema accepts it. In a union of
 * objects the variant is chosen by the property that tells them apart (`type`, `op`, `mode`), or by one that only it needs, and the
 * faults are those inside it.
 * @param pointer of `value` in its document.
 */
export const schemaFaults = (schema: TSchema, value: unknown, pointer = ''): Fault[] => check(schema, value, pointer);

/**
 * The same where the schema says all there is to say: it leaves names open that are none by a pattern (`patternProperties`), and
 * schemaFaults does not. Most values are right, and that is seen quickly; only one with faults is looked at closely.
 */
export const faultsUnlessRight = (schema: TSchema, value: unknown, pointer = ''): Fault[] =>
  compiled(schema).Check(value) ? [] : schemaFaults(schema, value, pointer);

const validators = new WeakMap<TSchema, Validator>();

export function compiled(schema: TSchema): Validator {
  const validator = validators.get(schema) ?? Compile(schema);
  validators.set(schema, validator);
  return validator;
}

type Validator = Pick<ReturnType<typeof Compile<TSchema>>, 'Check'>;

function check(schema: Schema, value: unknown, pointer: string): Fault[] {
  if (schema.anyOf) return checkUnion(schema, schema.anyOf, value, pointer);
  if (schema.const !== undefined) {
    return value === schema.const
      ? []
      : [wrong(pointer, value, `must be ${JSON.stringify(schema.const)}`, 'write it so, or leave it out')];
  }
  switch (schema.type) {
    case 'object':
      return isObject(value) ? checkObject(schema, value, pointer) : [wrongType(schema, value, pointer)];
    case 'array':
      return Array.isArray(value) ? checkArray(schema, value, pointer) : [wrongType(schema, value, pointer)];
    case 'string':
      return typeof value === 'string' ? checkString(schema, value, pointer) : [wrongType(schema, value, pointer)];
    case 'integer':
    case 'number':
      return typeof value === 'number' ? checkNumber(schema, value, pointer) : [wrongType(schema, value, pointer)];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [wrongType(schema, value, pointer)];
    case 'null':
      return value === null ? [] : [wrongType(schema, value, pointer)];
    default:
      return [];
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (pointer: string, value: unknown, message: string, remedy: string): Fault => ({ pointer, value, message, remedy });

const wrongType = (schema: Schema, value: unknown, pointer: string): Fault =>
  wrong(pointer, value, `must be ${nameOf(schema)}`, `give ${schema.description ?? nameOf(schema)}`);

const articles: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

const nameOf = (schema: Schema): string =>
  schema.const === undefined ? (articles[schema.type ?? ''] ?? 'a value') : JSON.stringify(schema.const);

function checkUnion(schema: Schema, variants: readonly Schema[], value: unknown, pointer: string): Fault[] {
  const key = tellingKey(variants);
  if (key !== undefined) return checkVariant(variants, key, value, pointer);
  if (variants.every((variant) => variant.const !== undefined)) return checkChoice(variants, value, pointer);
  const shaped = variantByShape(variants, value);
  if (shaped) return check(shaped, value, pointer);
  const byVariant = variants.map((variant) => check(variant, value, pointer));
  if (byVariant.some((faults) => faults.length === 0)) return [];
  // The variants of which the value has the type say more than the others.
  const fitting = byVariant.filter((_, i) => typeFits(variants[i], value));
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  const names = variants.map(nameOf).join(' or ');
  return [wrong(pointer, value, `must be ${names}`, `give ${schema.description ?? names}`)];
}

/** The property that is a constant in each variant. */
function tellingKey(variants: readonly Schema[]): string | undefined {
  const [first, ...others] = variants;
  const keys = Object.entries(first?.properties ?? {}).flatMap(([key, property]) => (property.const === undefined ? [] : [key]));
  return keys.find((key) => others.every((other) => other.properties?.[key]?.const !== undefined));
}

/** The only variant of which the value has a property that all others lack. */
function variantByShape(variants: readonly Schema[], value: unknown): Schema | undefined {
  if (!isObject(value)) return undefined;
  const fitting = variants.filter((variant) =>
    variant.required?.some(
      (key) => value[key] !== undefined && variants.every((other) => other === variant || other.properties?.[key] === undefined),
    ),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function checkVariant(variants: readonly Schema[], key: string, value: unknown, pointer: string): Fault[] {
  if (!isObject(value)) return [wrong(pointer, value, 'must be an object', `give an object with "${key}"`)];
  const named = variants.filter((variant) => variant.properties?.[key]?.const === value[key]);
  const chosen = variantByShape(named, value) ?? named[0];
  if (chosen) return check(chosen, value, pointer);
  const choices = variants.map((variant) => variant.properties?.[key] ?? {});
  return checkChoice(choices, value[key], pointer + jsonPointer(key));
}

function checkChoice(choices: readonly Schema[], value: unknown, pointer: string): Fault[] {
  if (choices.some((choice) => choice.const === value)) return [];
  const names = [...new Set(choices.map((choice) => String(choice.const)))];
  const meant = typeof value === 'string' ? nearest(value, names) : undefined;
  const remedy = meant === undefined ? `one of ${names.join(', ')}` : `did you mean "${meant}"? It is one of ${names.join(', ')}`;
  return [wrong(pointer, value, value === undefined ? 'is missing' : 'is none of the values that there are', remedy)];
}

function typeFits(variant: Schema | undefined, value: unknown): boolean {
  switch (variant?.type) {
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === variant?.type;
  }
}

function checkObject(schema: Schema, value: Readonly<Record<string, unknown>>, pointer: string): Fault[] {
  const { properties = {}, patternProperties = {}, required = [] } = schema;
  const faults: Fault[] = [];
  for (const key of required) {
    if (value[key] !== undefined) continue;
    const property = properties[key] ?? {};
    faults.push({
      pointer: pointer + jsonPointer(key),
      message: 'is missing',
      remedy: `give ${property.description ?? nameOf(property)}`,
    });
  }
  const patterns = Object.entries(patternProperties).map(([pattern, property]) => [new RegExp(pattern), property] as const);
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const here = pointer + jsonPointer(key);
    const property = Object.hasOwn(properties, key) ? properties[key] : patterns.find(([pattern]) => pattern.test(key))?.[1];
    if (property) faults.push(...check(property, item, here));
    else if (patterns.length > 0)
      faults.push(wrong(here, key, 'is no name', 'use 1 to 31 letters, digits, `_`, `.`, `-`, beginning with a letter or digit'));
    else if (schema.additionalProperties === false) faults.push(unknownProperty(here, key, item, Object.keys(properties)));
  }
  return faults;
}

function unknownProperty(pointer: string, key: string, value: unknown, known: readonly string[]): Fault {
  const meant = nearest(key, known);
  const remedy = meant === undefined ? `there is ${known.length > 0 ? known.join(', ') : 'none'}` : `did you mean "${meant}"?`;
  return wrong(pointer, value, 'there is no such property', remedy);
}

function checkArray(
  { items = {}, minItems = 0, maxItems = Infinity }: Schema,
  value: readonly unknown[],
  pointer: string,
): Fault[] {
  const faults = value.flatMap((item, i) => check(items, item, pointer + jsonPointer(i)));
  if (value.length < minItems) faults.push(wrong(pointer, value, `has ${value.length} entries`, `give at least ${minItems}`));
  if (value.length > maxItems)
    faults.push({ pointer, message: `has ${value.length} entries`, remedy: `give at most ${maxItems}` });
  return faults;
}

function checkString(schema: Schema, value: string, pointer: string): Fault[] {
  const { minLength = 0, maxLength = Infinity, pattern, description } = schema;
  // In UTF-16 units; the strings that the schemas bound are ASCII.
  const { length } = value;
  if (length < minLength)
    return [wrong(pointer, value, 'is too short', `give ${description ?? `at least ${minLength} characters`}`)];
  if (length > maxLength)
    return [wrong(pointer, value, 'is too long', `give ${description ?? `at most ${maxLength} characters`}`)];
  if (pattern === undefined || new RegExp(pattern).test(value)) return [];
  return [wrong(pointer, value, 'does not have the right form', `give ${description ?? `a string that matches ${pattern}`}`)];
}

function checkNumber({ type, minimum = -Infinity, maximum = Infinity }: Schema, value: number, pointer: string): Fault[] {
  if (type === 'integer' && !Number.isInteger(value))
    return [wrong(pointer, value, 'must be an integer', 'leave the fraction out')];
  if (value >= minimum && value <= maximum) return [];
  const range =
    maximum === Infinity ? `${minimum} or more` : minimum === -Infinity ? `${maximum} or less` : `${minimum} to ${maximum}`;
  return [wrong(pointer, value, 'is out of range', `give ${range}`)];
}
