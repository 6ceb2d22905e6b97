import type { Fault } from '../model/errors.js';
import { partsOf } from './parts.js';
import { referenceFaults } from './references.js';
import { schemaFaults } from './schema-faults.js';
import { configSchema, type VswitchConfig } from './schema.js';

/** A config that is right, or everything that is wrong with it. */
export type CheckedConfig =
  { readonly faults: readonly []; readonly config: VswitchConfig } | { readonly faults: readonly [Fault, ...Fault[]] };

/**
 * Checks a config without hardware: by the schema, then what its parts say of each other. Parts with faults of their own do not keep
 * the others from being checked. Flows are checked above, in flow/check-file.ts.
 */
export function checkConfig(value: unknown): CheckedConfig {
  const [first, ...more] = [...schemaFaults(configSchema, value), ...referenceFaults(partsOf(value))];
  return first ? { faults: [first, ...more] } : { faults: [], config: value as VswitchConfig };
}
