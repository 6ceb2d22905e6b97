import { InvalidArgumentError } from 'commander';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a text like `20s`, `1.5m` or `500ms`; a bare number is seconds. */
export function milliseconds(text: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('a number with ms, s, m or h, for example 20s');
  return Number(digits) * unitMs[unit as keyof typeof unitMs];
}
