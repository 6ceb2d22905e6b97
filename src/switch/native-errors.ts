import { VswitchError, type ErrorCode, type Fault } from '../model/errors.js';
import type { NativeError } from './native.js';

/** Native error codes in the order of native/base/status.h, each with the catalogue's code for it. */
const codeMap = {
  INVALID_ARGUMENT: 'INTERNAL',
  EAL_FAILED: 'EAL_FAILED',
  ALREADY_STARTED: 'INTERNAL',
  CLOSED: 'CLOSED',
  NO_MEMORY: 'EAL_FAILED',
  PORT_EXISTS: 'PORT_EXISTS',
  PORT_NOT_FOUND: 'PORT_NOT_FOUND',
  PORT_FAILED: 'PORT_FAILED',
  BAD_TRANSACTION: 'NATIVE_REFUSED',
  TABLE_UNBOUNDED: 'TABLE_UNBOUNDED',
  LIMIT_EXCEEDED: 'LIMIT_EXCEEDED',
} as const satisfies Record<string, ErrorCode>;

export const nativeErrorCodes = Object.keys(codeMap) as readonly (keyof typeof codeMap)[];

const isNativeError = (error: unknown): error is NativeError => error instanceof Error && 'code' in error && 'step' in error;

/** A native failure as a VswitchError. `faults` says where in the caller's input it belongs, where that is known. */
export function fromNative(error: unknown, faults: (error: NativeError) => readonly Fault[] = () => []): VswitchError {
  if (error instanceof VswitchError) return error;
  if (!isNativeError(error)) {
    return new VswitchError('INTERNAL', error instanceof Error ? error.message : String(error), [], { cause: error });
  }
  const codes: Readonly<Partial<Record<string, ErrorCode>>> = codeMap;
  return new VswitchError(codes[error.code] ?? 'INTERNAL', describe(error), faults(error), { cause: error });
}

function describe(error: NativeError): string {
  const log = error.log.trim().split('\n').at(-1);
  return error.message + (log ? ` (DPDK: ${log})` : '');
}

/** For a native promise that is given on. */
export function rethrow(error: unknown): never {
  throw fromNative(error);
}
