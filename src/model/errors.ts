/**
 * The one error catalogue. A code is stable: programs switch on it, docs/errors.md lists it.
 * `status` is the HTTP answer's status, `exit` the CLI's exit code (sysexits.h where one fits).
 */
export const errorCatalogue = {
  CONFIG_INVALID: { status: 422, exit: 78, title: 'The configuration has faults' },
  CONFIG_UNREADABLE: { status: 422, exit: 66, title: 'The configuration cannot be read' },
  REQUEST_INVALID: { status: 400, exit: 64, title: 'The request has faults' },
  FLOW_INVALID: { status: 422, exit: 65, title: 'A flow has faults' },
  FLOW_ISOLATION: { status: 403, exit: 77, title: 'A flow would leave its tenant' },
  FLOW_NOT_FOUND: { status: 404, exit: 65, title: 'No such flow' },
  FLOW_OVERLAP: { status: 409, exit: 65, title: 'A flow overlaps another of its priority' },
  GROUP_INVALID: { status: 422, exit: 65, title: 'A group has faults' },
  GROUP_NOT_FOUND: { status: 404, exit: 65, title: 'No such group' },
  METER_INVALID: { status: 422, exit: 65, title: 'A meter has faults' },
  METER_NOT_FOUND: { status: 404, exit: 65, title: 'No such meter' },
  TABLE_UNBOUNDED: { status: 422, exit: 65, title: 'A table could not be looked up in bounded time' },
  LIMIT_EXCEEDED: { status: 409, exit: 73, title: 'A limit would be exceeded' },
  GENERATION_MISMATCH: { status: 412, exit: 75, title: 'The flows changed since they were read' },
  TENANT_NOT_FOUND: { status: 404, exit: 65, title: 'No such tenant' },
  TARIFF_NOT_FOUND: { status: 404, exit: 65, title: 'No tariff was in force' },
  PLUGIN_NOT_FOUND: { status: 404, exit: 65, title: 'No such plugin' },
  PLUGIN_INVALID: { status: 422, exit: 65, title: 'A plugin cannot be loaded' },
  PLUGIN_HEADER: { status: 422, exit: 65, title: 'A plugin looks at headers that it does not declare' },
  PLUGIN_FAILED: { status: 502, exit: 70, title: 'A plugin failed' },
  PLUGIN_STOPPED: { status: 503, exit: 69, title: 'The plugin does not run' },
  PORT_NOT_FOUND: { status: 404, exit: 65, title: 'No such port' },
  PORT_EXISTS: { status: 409, exit: 65, title: 'The port exists already' },
  PORT_IN_USE: { status: 409, exit: 65, title: 'The port is in use by flows' },
  PORT_FAILED: { status: 502, exit: 71, title: 'A port could not be started' },
  SOCKET_IN_USE: { status: 409, exit: 69, title: 'Another process serves this address' },
  LEDGER_IN_USE: { status: 409, exit: 69, title: 'Another process writes this usage ledger' },
  LEDGER_UNREADABLE: { status: 503, exit: 66, title: 'The usage ledger cannot be read' },
  UNAUTHORIZED: { status: 401, exit: 77, title: 'The token is missing or wrong' },
  NOT_FOUND: { status: 404, exit: 64, title: 'No such resource' },
  UNREACHABLE: { status: 503, exit: 69, title: 'The switch does not answer' },
  EAL_FAILED: { status: 500, exit: 71, title: 'DPDK could not be started' },
  NATIVE_MISSING: { status: 500, exit: 72, title: 'The native addon is not built' },
  NATIVE_MISMATCH: { status: 500, exit: 72, title: 'The native addon is of another version' },
  NATIVE_REFUSED: { status: 500, exit: 70, title: 'The data plane refused a transaction' },
  CLOSED: { status: 503, exit: 69, title: 'The switch is closed' },
  LAB_FAILED: { status: 500, exit: 71, title: 'The lab could not be built' },
  FLEET_FAILED: { status: 500, exit: 71, title: 'The fleet could not be started' },
  LAYOUT_REFUSED: { status: 422, exit: 78, title: 'A host cannot have this layout' },
  HOST_UNREADABLE: { status: 422, exit: 66, title: "The host's state cannot be read" },
  INTERNAL: { status: 500, exit: 70, title: 'Internal error' },
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

/** One thing wrong: where (RFC 6901 JSON pointer), what was found there, why it is wrong and what to do. */
export interface Fault {
  readonly pointer: string;
  readonly value?: unknown;
  readonly message: string;
  readonly remedy?: string;
}

export class VswitchError extends Error {
  override readonly name = 'VswitchError';
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];

  constructor(code: ErrorCode, message: string, faults: readonly Fault[] = [], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.faults = faults;
  }
}

/** Any thrown value as a VswitchError; what is not one becomes INTERNAL. */
export function asVswitchError(error: unknown): VswitchError {
  if (error instanceof VswitchError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new VswitchError('INTERNAL', message, [], { cause: error });
}

/** A JSON pointer (RFC 6901) from its segments. */
export const jsonPointer = (...segments: (string | number)[]): string =>
  segments.map((s) => '/' + String(s).replaceAll('~', '~0').replaceAll('/', '~1')).join('');
