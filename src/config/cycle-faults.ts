import type { Fault } from '../model/errors.js';
import type { CycleShareConfig } from './cycle-schema.js';
import type { ConfigParts, Named } from './parts.js';

/** Guarantees that no core can keep, and caps below them. */
export function cycleFaults({ tenants }: ConfigParts): Fault[] {
  const shares = tenants.flatMap(({ name, cycles }) => (cycles === undefined ? [] : [{ name, ...cycles }]));
  return [...shareFaults(shares), ...guaranteeFaults(shares)];
}

/** Caps below guarantees. */
export const shareFaults = (shares: readonly Named<CycleShareConfig>[]): Fault[] =>
  shares.flatMap(({ pointer, value: { guaranteedPercent = 0, capPercent = 100 } }): Fault[] =>
    capPercent >= guaranteedPercent
      ? []
      : [
          {
            pointer: `${pointer}/capPercent`,
            value: capPercent,
            message: `is below the guarantee of ${guaranteedPercent} percent`,
            remedy: 'raise the cap, or guarantee less',
          },
        ],
  );

/** Guarantees that no core can keep together; the last of them is told. */
export function guaranteeFaults(shares: readonly Named<CycleShareConfig>[]): Fault[] {
  const guaranteed = shares.filter(({ value }) => (value.guaranteedPercent ?? 0) > 0);
  const sum = guaranteed.reduce((total, { value }) => total + (value.guaranteedPercent ?? 0), 0);
  const last = guaranteed.at(-1);
  if (last === undefined || sum <= 100) return [];
  const named = guaranteed.map(({ name, value }) => `${name} ${value.guaranteedPercent}`).join(', ');
  return [
    {
      pointer: `${last.pointer}/guaranteedPercent`,
      value: last.value.guaranteedPercent,
      message: `the tenants are guaranteed ${sum} percent of each core together: ${named}`,
      remedy: 'guarantee at most 100 percent in all',
    },
  ];
}
