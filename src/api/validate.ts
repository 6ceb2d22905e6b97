import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { schemaFaults } from '../config/schema-faults.js';
import { VswitchError } from '../model/errors.js';

/** Where faults of each part of a request point; those of the body are pointers into it. */
const pointerOf: Readonly<Record<string, string>> = { body: '', params: '/params', querystring: '/query', headers: '/headers' };

/** Checks requests with compiled schemas, which is quick where all is well; only a request with faults is looked at closely. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'body' }) => {
  const compiled = Compile(schema);
  return (value: unknown) => {
    if (compiled.Check(value)) return { value };
    const faults = schemaFaults(schema, value, pointerOf[httpPart]);
    const message = faults.length === 1 ? 'the request has a fault' : `the request has ${faults.length} faults`;
    return { error: new VswitchError('REQUEST_INVALID', message, faults) };
  };
};
