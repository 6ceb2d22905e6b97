import { VswitchError, type ErrorCode, type Fault } from '../model/errors.js';
import type { Wanted } from './transaction.js';

/** What to do where a table's look-up, or its memory, has no bound or too high a one. */
const remedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  TABLE_UNBOUNDED: 'match the same fields with the same masks as other flows of the table, or use another table',
  LIMIT_EXCEEDED: 'delete flows of the table, use another table, or raise /limits/tableMib in the config',
};

/**
 * What the data plane refused because it could not bound a table, with the places of the flows that this table would get. Other errors
 * stay as they are. The message names the table as `slot S table T` where it is known.
 */
export function unbounded(error: unknown, wanted: readonly Wanted[]): unknown {
  if (!(error instanceof VswitchError)) return error;
  const remedy = remedies[error.code];
  const found = /slot (\d+),? table (\d+)/.exec(error.message);
  if (remedy === undefined || (error.code === 'LIMIT_EXCEEDED' && !found)) return error;
  const [slot, table] = [Number(found?.[1]), Number(found?.[2])];
  const faults = wanted.flatMap(({ pointer, flow, rules }): Fault[] => {
    const there = !found || (flow.table === table && rules.some((rule) => rule.slot === slot));
    return pointer !== undefined && there ? [{ pointer, value: flow.table, message: error.message, remedy }] : [];
  });
  return faults.length === 0 ? error : new VswitchError(error.code, error.message, faults, { cause: error });
}
