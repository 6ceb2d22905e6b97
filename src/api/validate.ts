import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { compiled, faultsUnlessRight } from '../config/schema-faults.js';
import { VswitchError } from '../model/errors.js';
import { scannedIn } from './scanned-body.js';

/** Where faults of each part of a request point; those of the body are pointers into it. */
const pointerOf: Readonly<Record<string, string>> = { body: '', params: '/params', querystring: '/query', headers: '/headers' };

/** Checks requests. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'body' }) => {
  compiled(schema); // When the server starts, not with the first request.
  return (value: unknown) => {
    if (httpPart === 'body' && scannedIn(value)) return { value };
    const faults = faultsUnlessRight(schema, value, pointerOf[httpPart]);
    if (faults.length === 0) return { value };
    const message = faults.length === 1 ? 'the request has a fault' : `the request has ${faults.length} faults`;
    return { error: new VswitchError('REQUEST_INVALID', message, faults) };
  };
};
