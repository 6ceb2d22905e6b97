import { Type, type Static } from 'typebox';
import { headerNames } from '../../model/header.js';
import type { HeaderName } from '../../model/header.js';
import { GenerationSchema } from './common.js';

export const ParsedHeaderSchema = Type.Object({
  port: Type.String(),
  header: Type.Unsafe<HeaderName>(Type.Union(headerNames.map((name) => Type.Literal(name)))),
  flow: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'a flow because of which it is read; null: to find the tenant of what comes from an uplink',
  }),
});
export const ParserSchema = Type.Object({ generation: GenerationSchema, headers: Type.Array(ParsedHeaderSchema) });

export type ParserView = Static<typeof ParserSchema>;
