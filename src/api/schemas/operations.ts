import { Type, type TSchema } from 'typebox';
import { flowIdentitySchema, flowSchema, groupSchema, meterSchema } from '../../config/schema.js';
import { maxPorts } from '../../config/schema-parts.js';
import { maxGroupId } from '../../model/group.js';
import type { FlowOperation } from '../../model/flow.js';
import { maxMeterId } from '../../model/meter.js';
import { strict } from './common.js';

const op = (name: string, properties: Record<string, TSchema>) => Type.Object({ op: Type.Literal(name), ...properties }, strict);

const filter = {
  strict: Type.Optional(
    Type.Boolean({
      default: true,
      description:
        'false: whatever its priority, each flow whose match is the same or more specific, of the table, or of any where none is given',
    }),
  ),
  cookie_mask: Type.Optional(
    Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$' })], {
      description: 'only flows whose cookie equals the given one in these bits',
    }),
  ),
};
const allOr = (number: TSchema) => Type.Union([number, Type.Literal('all')], { description: 'a number, or `all`' });

/** One step of a transaction. */
export const flowOperationSchema = Type.Unsafe<FlowOperation>(
  Type.Union([
    op('add', {
      flow: flowSchema,
      check_overlap: Type.Optional(
        Type.Boolean({ description: 'refuse it where a flow of the same table and priority could match the same packet' }),
      ),
    }),
    op('modify', {
      flow: flowSchema,
      ...filter,
      reset_counts: Type.Optional(Type.Boolean({ description: 'count anew from now' })),
    }),
    op('delete', {
      flow: flowIdentitySchema,
      ...filter,
      out_port: Type.Optional(
        Type.Union([Type.String({ minLength: 1, maxLength: 31 }), Type.Integer({ minimum: 1, maximum: maxPorts })], {
          description: 'only flows that output there: a port by name or number, `in_port` or `flood`',
        }),
      ),
      out_group: Type.Optional(Type.Integer({ minimum: 0, maximum: maxGroupId })),
    }),
    op('add', { group: groupSchema }),
    op('modify', { group: groupSchema }),
    op('delete', { group: Type.Object({ group: allOr(Type.Integer({ minimum: 0, maximum: maxGroupId })) }, strict) }),
    op('add', { meter: meterSchema }),
    op('modify', { meter: meterSchema }),
    op('delete', { meter: Type.Object({ meter: allOr(Type.Integer({ minimum: 1, maximum: maxMeterId })) }, strict) }),
  ]),
);
