import type { ErrorCode, Fault } from '../../model/errors.js';

/** What a plugin catches: the switch's answer, or a limit of the plugin's own. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  readonly code: PluginErrorCode;
  readonly faults: readonly Fault[];

  constructor(code: PluginErrorCode, message: string, faults: readonly Fault[] = []) {
    super(message);
    this.code = code;
    this.faults = faults;
  }
}

export type PluginErrorCode = ErrorCode | 'STORE_FULL';
