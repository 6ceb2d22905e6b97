import { Type } from 'typebox';
import { nameSchema } from '../../config/schema.js';
import { strict } from './common.js';

export const NoParams = Type.Object({}, strict);
export const TenantParams = Type.Object({ tenant: nameSchema }, strict);

/** The operator's, or everybody's. */
export const OwnerQuery = Type.Object(
  {
    owner: Type.Optional(
      Type.Union([Type.Literal('operator'), Type.Literal('all')], {
        description: '`all`: also those of tenants, and of flows the derived ones and guards',
      }),
    ),
  },
  strict,
);
