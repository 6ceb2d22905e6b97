/** The package's public face for tests of plugins: `mts-vswitch/plugin/testing`. */
export { PluginBench, type TestOptions } from './bench.js';
export { fieldsIn, frame } from './frames.js';
export type { LogLine, Outcome, SentFrame } from './outcome.js';
/** Node's own, so that a plugin's project needs no types of Node. */
export { strict as assert } from 'node:assert';
export { test } from 'node:test';
