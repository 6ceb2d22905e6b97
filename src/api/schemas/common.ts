import { Type, type TSchema } from 'typebox';
import type { Generation } from '../../model/ids.js';

export const strict = { additionalProperties: false } as const;

/** A counter: bigint in the program, an integer of any size in JSON. */
export const Counter = Type.Unsafe<bigint>(Type.Integer({ minimum: 0 }));
export const Money = Type.Unsafe<bigint>(Type.Integer({ minimum: 0, description: 'millionths of the currency unit' }));
export const GenerationSchema = Type.Unsafe<Generation>(
  Type.Integer({ minimum: 0, description: 'number of transactions that the data plane has applied; also the ETag' }),
);

export const FaultSchema = Type.Object({
  pointer: Type.String({ description: 'JSON pointer into the body, or /params, /query or /headers and what follows' }),
  value: Type.Optional(Type.Unknown({ description: 'what was found there' })),
  message: Type.String(),
  remedy: Type.Optional(Type.String({ description: 'what to do about it' })),
});

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'stable; docs/errors.md lists them' }),
    faults: Type.Array(FaultSchema, { description: 'everything that is wrong' }),
  },
  { description: 'RFC 9457 problem details' },
);

const problem = {
  description: 'a problem: nothing was changed',
  content: { 'application/problem+json': { schema: ProblemSchema } },
};

/** The answers of a route that has nothing to say. */
export const emptyAnswer: Record<string, unknown> = { 204: { description: 'done', type: 'null' }, default: problem };

/** A route's answers: the one that is meant, and problem+json for all others. */
export const answers = (ok: TSchema, status = 200): Record<string, unknown> => ({
  [status]: { description: 'done', content: { 'application/json': { schema: ok } } },
  default: problem,
});

/** The answer of a route that sends text of a media type of its own. */
export const textAnswer = (mediaType: string, description: string): Record<string, unknown> => ({
  200: { description, content: { [mediaType]: { schema: Type.String() } } },
});
