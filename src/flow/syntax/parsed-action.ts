import type { Action } from '../../model/action.js';
import type { ValueFault } from './value.js';

/** An action, or the property that is wrong: its path below the action. */
export type ParsedAction =
  | { readonly ok: true; readonly action: Action }
  | { readonly ok: false; readonly at: string; readonly value: unknown; readonly fault: ValueFault };

export const done = (action: Action): ParsedAction => ({ ok: true, action });
export const wrong = (at: string, value: unknown, { fault }: { readonly fault: ValueFault }) =>
  ({ ok: false, at, value, fault }) as const satisfies ParsedAction;
