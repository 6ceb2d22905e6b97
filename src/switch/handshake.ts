import { maxTables, maxTenants, maxPorts } from '../config/schema.js';
import { actionNames } from '../model/action.js';
import { dropReasons } from '../model/drop.js';
import { ctCounters, ctStates, ctTimeouts } from '../model/conntrack.js';
import { VswitchError, type Fault } from '../model/errors.js';
import { headerNames } from '../model/header.js';
import { matchFields } from '../model/match.js';
import { stages } from '../model/usage.js';
import {
  meterCounterNames,
  portCounterNames,
  puntCounterNames,
  tableCounterNames,
  tenantCounterNames,
  workerCounterNames,
} from './counters.js';
import { nativeErrorCodes } from './native-errors.js';
import type { NativeDescription } from './native.js';

/** Raised by one with each change of a buffer's layout. */
export const abiVersion = 3;

/**
 * Both sides keep lists of fields, actions, counters and errors; a number on one side must mean the same on the other.
 * @throws VswitchError NATIVE_MISMATCH with one fault for each list that differs.
 */
export function checkHandshake(native: NativeDescription): void {
  const faults: Fault[] = [];
  const compare = (list: string, ours: unknown, theirs: unknown): void => {
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
      faults.push({
        pointer: `/${list}`,
        value: theirs,
        message: `the addon has another list of ${list}`,
        remedy: 'rebuild it: npm run build:native',
      });
    }
  };
  compare('abi', abiVersion, native.abi);
  compare(
    'fields',
    matchFields.map(({ name, bits }) => ({ name, bits })),
    native.fields,
  );
  compare('actions', actionNames, native.actions);
  compare('dropReasons', dropReasons, native.dropReasons);
  compare('stages', stages, native.stages);
  compare('workerCounters', workerCounterNames, native.workerCounters);
  compare('tenantCounters', tenantCounterNames, native.tenantCounters);
  compare('portCounters', portCounterNames, native.portCounters);
  compare('meterCounters', meterCounterNames, native.meterCounters);
  compare('tableCounters', tableCounterNames, native.tableCounters);
  compare('puntCounters', puntCounterNames, native.puntCounters);
  compare('headers', headerNames, native.headers);
  compare('errors', nativeErrorCodes, native.errors);
  compare('ctTimeouts', ctTimeouts, native.ctTimeouts);
  compare('ctCounters', ctCounters, native.ctCounters);
  compare('ctStates', ctStates, native.ctStates);
  compare('limits', { ports: maxPorts, tenants: maxTenants, tables: maxTables }, native.limits);
  if (faults.length > 0) {
    throw new VswitchError(
      'NATIVE_MISMATCH',
      `the native addon ${native.version} does not fit: ${faults.map((f) => f.pointer.slice(1)).join(', ')}`,
      faults,
    );
  }
}
