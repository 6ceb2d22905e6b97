/** The package's public face for tests of plugins: `mts-vswitch/plugin/testing`. */
export { PluginBench, type TestOptions } from './bench.js';
export { fieldsIn, frame } from './frames.js';
export type { LogLine, Outcome, SentFrame } from './outcome.js';
