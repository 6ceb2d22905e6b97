import { VswitchError } from '../model/errors.js';
import type { Generation } from '../model/ids.js';

export function mismatch(given: Generation, newest: Generation): VswitchError {
  const message = `the flows are of generation ${newest}, not ${given}`;
  const remedy = 'read the flows again, and repeat the change with their ETag';
  return new VswitchError('GENERATION_MISMATCH', message, [
    { pointer: '/headers/if-match', value: String(given), message, remedy },
  ]);
}

export function noTenant(name: string): VswitchError {
  const message = `there is no tenant ${name}`;
  return new VswitchError('TENANT_NOT_FOUND', message, [
    { pointer: '', value: name, message, remedy: 'name a tenant of the config' },
  ]);
}

/** Runs `plan`; the faults that it throws point below `pointer`. */
export function underPointer<T>(pointer: string, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof VswitchError)) throw error;
    const faults = error.faults.map((fault) => ({ ...fault, pointer: pointer + fault.pointer }));
    throw new VswitchError(error.code, error.message, faults, { cause: error });
  }
}
