import type { ActionText } from '../../model/action.js';
import type { MatchText } from '../../model/match.js';
import { splitWords, wholeNumber, type Piece, type Refuse } from './ofctl-lex.js';

/** `name`, `name:value` or `name(value)`. */
export interface Call extends Piece {
  readonly name: string;
  readonly value: string | undefined;
  readonly valueColumn: number;
  readonly match: MatchText;
  readonly refuse: Refuse;
}

export type Parser = (call: Call) => ActionText | undefined;

/** There is no action then. */
export function bad({ column, text, refuse }: Call, message: string, remedy: string): ActionText | undefined {
  refuse(column, text, message, remedy);
  return undefined;
}

/** The `key=value` in parentheses, each key once but those in `many`. */
export function parameters(
  { name, value: list = '', valueColumn, refuse }: Call,
  known: readonly string[],
  many: readonly string[] = [],
): ReadonlyMap<string, string[]> | undefined {
  const found = new Map<string, string[]>();
  for (const { key, value, column, text } of splitWords(list, valueColumn)) {
    const values = found.get(key) ?? [];
    if (!known.includes(key) || value === undefined || value === '') {
      refuse(column, text, `${name} has no such parameter`, `write ${known.map((one) => `${one}=...`).join(', ')}`);
      return undefined;
    }
    if (values.length > 0 && !many.includes(key)) {
      refuse(column, text, `${key} is there twice`, 'leave one of them out');
      return undefined;
    }
    found.set(key, [...values, value]);
  }
  return found;
}

/** The numbers that are there. */
export function optionals<K extends string>(
  call: Call,
  found: ReadonlyMap<string, string[]>,
  keys: readonly K[],
): Partial<Record<K, number>> | undefined {
  const numbers: Partial<Record<K, number>> = {};
  for (const key of keys) {
    const text = found.get(key)?.[0];
    if (text === undefined) continue;
    const number = wholeNumber(text);
    if (number === undefined) {
      bad(call, `${key} is a number`, `write for example ${key}=64`);
      return undefined;
    }
    numbers[key] = number;
  }
  return numbers;
}
