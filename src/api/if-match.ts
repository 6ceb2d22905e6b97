import { Type } from 'typebox';
import { generation, type Generation } from '../model/ids.js';
import { VswitchError } from '../model/errors.js';

/** The entity tag of a set of flows: the generation that it belongs to (RFC 9110 section 8.8.3). */
export const etagOf = (value: Generation): string => `"${value}"`;

/** Headers of a route that changes what has an ETag. */
export const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'the ETag that the change is based on; refused with 412 where flows changed since' }),
  ),
});

/** The generation that an If-Match header asks for; undefined where the header is missing or `*`. */
export function ifMatchOf(header: string | undefined): Generation | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const digits = /^\s*"([0-9]{1,19})"\s*$/.exec(header)?.[1];
  if (digits !== undefined) return generation(BigInt(digits));
  const message = 'If-Match holds one entity tag in quotes, as ETag gave it, or `*`';
  throw new VswitchError('REQUEST_INVALID', message, [
    { pointer: '/headers/if-match', value: header, message, remedy: 'send the ETag of the last answer, for example "7"' },
  ]);
}
