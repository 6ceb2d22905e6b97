import type { VswitchConfig } from './schema.js';

/** Gives a `*.config.ts` file types and completion; the config is checked when it is loaded. */
export const defineVswitch = (config: VswitchConfig): VswitchConfig => config;
