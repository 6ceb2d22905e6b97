import { Type } from 'typebox';
import type { Owner } from '../../model/ids.js';

export const OwnerSchema = Type.Unsafe<Owner>(
  Type.Union([
    Type.Object({ kind: Type.Literal('operator') }),
    Type.Object({ kind: Type.Literal('tenant'), tenant: Type.String(), plugin: Type.Optional(Type.String()) }),
  ]),
);
