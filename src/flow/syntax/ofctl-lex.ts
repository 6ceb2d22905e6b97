import type { Fault } from '../../model/errors.js';

/** A part of a line, with the column (from 1) where it begins. */
export interface Piece {
  readonly text: string;
  readonly column: number;
}

/** A `key=value`; `value` is undefined for a word that stands alone. */
export interface Word extends Piece {
  readonly key: string;
  readonly value: string | undefined;
}

/** The parts between commas and spaces, but not those in parentheses or quotes. */
export function splitPieces(text: string, column: number): Piece[] {
  const pieces: Piece[] = [];
  let [from, depth, quoted] = [0, 0, false];
  const end = (at: number): void => {
    if (at > from) pieces.push({ text: text.slice(from, at), column: column + from });
    from = at + 1;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (depth <= 0 && /[\s,]/.test(char)) end(at);
  }
  end(text.length);
  return pieces;
}

export const splitWords = (text: string, column: number): Word[] =>
  splitPieces(text, column).map((piece) => {
    const equals = piece.text.indexOf('=');
    return equals < 0
      ? { ...piece, key: piece.text, value: undefined }
      : { ...piece, key: piece.text.slice(0, equals), value: piece.text.slice(equals + 1) };
  });

export type Refuse = (column: number, value: string | undefined, message: string, remedy: string) => void;

export const refuseInto =
  (faults: Fault[]): Refuse =>
  (column, value, message, remedy) =>
    void faults.push({ pointer: `/column ${column}`, ...(value === undefined ? {} : { value }), message, remedy });

export const numberPattern = /^(0x[0-9a-f]+|[0-9]+)$/i;

/** A number where the whole text is one and JSON holds it exactly. */
export function wholeNumber(text: string): number | undefined {
  if (!numberPattern.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** ovs-ofctl quotes port names that look like something else. */
const unquoted = (text: string): string | undefined => /^"([^"]*)"$/.exec(text)?.[1];

/** A value as JSON has it. */
export const fieldValue = (text: string): string | number => unquoted(text) ?? wholeNumber(text) ?? text;
