/** The package's public face for config files. */
export { defineVswitch } from './config/define.js';
export type { VswitchConfig } from './config/schema.js';
