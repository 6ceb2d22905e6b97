import type { FastifyError } from 'fastify';
import { asVswitchError, errorCatalogue, VswitchError, type ErrorCode, type Fault } from '../model/errors.js';

/** An error as RFC 9457 problem details; docs/errors.md lists the codes. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** Everything that is wrong; pointers lead into the request's body, or begin with /params, /query or /headers. */
  readonly faults: readonly Fault[];
}

export const problemMediaType = 'application/problem+json';

export function problemOf(error: VswitchError): Problem {
  const { status, title } = errorCatalogue[error.code];
  return {
    type: `urn:mts-vswitch:error:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    faults: error.faults,
  };
}

/** What Fastify itself refuses (a body that is no JSON, too large, of a wrong media type), in our catalogue's words. */
export function fromFastify(error: FastifyError | Error, limitBytes = bodyLimitBytes): VswitchError {
  const code = 'code' in error ? error.code : '';
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refused('/headers/content-type', error.message, 'send JSON with content-type: application/json');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return refused('', 'the body is empty', 'send a JSON document');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refused('', `the body is larger than ${limitBytes} bytes`, 'send less at a time');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return refused('', 'the body is not JSON', 'send a JSON document');
  }
  if (error instanceof SyntaxError) return refused('', `the body is not JSON: ${error.message}`, 'send a JSON document');
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (!(error instanceof VswitchError) && status !== undefined && status >= 400 && status < 500) {
    return refused('', error.message, 'see /openapi.json');
  }
  return asVswitchError(error);
}

/** Enough for a set of 100,000 flows. */
export const bodyLimitBytes = 64 * 1024 * 1024;

const refused = (pointer: string, message: string, remedy: string): VswitchError =>
  new VswitchError('REQUEST_INVALID', message, [{ pointer, message, remedy }]);
