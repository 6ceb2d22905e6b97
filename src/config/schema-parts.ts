import { Type, type TLiteral, type TSchema, type TUnion } from 'typebox';

export const strict = { additionalProperties: false } as const;
type LiteralsOf<T extends readonly string[]> = { -readonly [K in keyof T]: TLiteral<T[K]> };
type OneOf<T extends readonly string[]> = TUnion<LiteralsOf<T> extends infer U extends TSchema[] ? U : never>;
// The return type is written out: inferred, it is computed before T is known, and its static type is never.
export const oneOf = <const T extends readonly string[]>(values: T): OneOf<T> =>
  Type.Union(values.map((v) => Type.Literal(v))) as TSchema as OneOf<T>;
export const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

export const maxPorts = 254;
export const maxTenants = 63;
/** Their numbers are 0 to 63. */
export const maxTables = 64;

export const nameSchema = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$',
  description: 'a name: 1 to 31 letters, digits, `_`, `.`, `-`, beginning with a letter or digit',
});
export const macSchema = Type.String({
  pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$',
  description: 'a MAC address, for example `02:00:00:00:00:01`',
});
export const ipSchema = Type.String({ minLength: 2, maxLength: 45, description: 'an IPv4 or IPv6 address' });
