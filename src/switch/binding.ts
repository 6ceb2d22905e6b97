import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VswitchError } from '../model/errors.js';
import { checkHandshake } from './handshake.js';
import type { NativeAddon } from './native.js';

/** The addon's file: VSWITCH_ADDON, or the Release build of this package. */
function addonPath(): string {
  return process.env['VSWITCH_ADDON'] ?? fileURLToPath(new URL('../../build/Release/vswitch.node', import.meta.url));
}

/**
 * Loads the native addon and compares its lists with the model's.
 * @throws VswitchError NATIVE_MISSING where it is not built or cannot be loaded, NATIVE_MISMATCH where the lists differ.
 */
export function loadAddon(): NativeAddon {
  const path = addonPath();
  if (!existsSync(path)) {
    throw new VswitchError('NATIVE_MISSING', `${path} does not exist; build it with: npm run build:native`);
  }
  let addon: NativeAddon;
  try {
    addon = createRequire(import.meta.url)(path) as NativeAddon;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VswitchError('NATIVE_MISSING', `${path} cannot be loaded: ${reason}; rebuild it with: npm run build:native`, [], {
      cause: error,
    });
  }
  checkHandshake(addon.describe());
  return addon;
}
