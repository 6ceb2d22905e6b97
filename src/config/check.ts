import type { Fault } from '../model/errors.js';
import { partsOf } from './parts.js';
import { referenceFaults } from './references.js';
import { schemaFaults } from './schema-faults.js';
import { configSchema } from './schema.js';

/**
 * Everything that is wrong with a config, found without hardware: by the schema, then in what its parts say of each other. Parts with
 * faults of their own do not keep the others from being checked. Without faults the value is a VswitchConfig; its flows are checked
 * in flow/check-file.ts.
 */
export const checkConfig = (value: unknown): Fault[] => [
  ...schemaFaults(configSchema, value),
  ...referenceFaults(partsOf(value)),
];
