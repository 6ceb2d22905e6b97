import { Type, type Static } from 'typebox';
import { matchSchema } from '../../config/schema.js';
import { maxPorts } from '../../config/schema-parts.js';
import { dropReasons, type DropReason } from '../../model/drop.js';
import { matchFields, type FieldName, type MatchText } from '../../model/match.js';
import { stages, type Stage } from '../../model/usage.js';
import { GenerationSchema, strict } from './common.js';
import { InstalledFlowSchema } from './flows.js';

export const TraceRequestSchema = Type.Object(
  {
    in_port: Type.Optional(
      Type.Union([Type.String({ maxLength: 31 }), Type.Integer({ minimum: 1, maximum: maxPorts })], {
        description: 'a port by name or number',
      }),
    ),
    packet: Type.Optional(Type.String({ description: 'its bytes in hex, at most 65535 of them, without FCS' })),
    fields: Type.Optional(
      Type.String({
        maxLength: 4096,
        description: 'a list as for ovs-appctl ofproto/trace, for example `in_port=p1,tcp,nw_src=10.0.0.1,tp_dst=80`',
      }),
    ),
  },
  { ...strict, description: 'either in_port and packet, or fields' },
);

const Value = Type.Union([Type.Integer({ minimum: 0 }), Type.String()]);
const OptionalValue = Type.Union([Type.Integer({ minimum: 0 }), Type.String(), Type.Null()], {
  description: 'null: the packet has no such field',
});
const PortSchema = Type.Union([Type.String(), Type.Integer({ minimum: 1 })]);
const FieldsSchema = Type.Unsafe<MatchText>(matchSchema);
const ChangesSchema = Type.Unsafe<
  Readonly<Partial<Record<FieldName, readonly [string | number | null, string | number | null]>>>
>(
  Type.Record(Type.String(), Type.Array(OptionalValue, { minItems: 2, maxItems: 2 }), {
    description: 'by field: its value before and after',
  }),
);
const DropSchema = Type.Unsafe<DropReason>(Type.Union(dropReasons.map((reason) => Type.Literal(reason))));

const PassedOverSchema = Type.Object({
  flow: InstalledFlowSchema,
  field: Type.Unsafe<FieldName>(
    Type.Union(
      matchFields.map(({ name }) => Type.Literal(name)),
      { description: 'the first that differs' },
    ),
  ),
  wants: Value,
  found: OptionalValue,
});

const TraceStepSchema = Type.Object({
  table: Type.Integer({ minimum: 0 }),
  flow: Type.Union([InstalledFlowSchema, Type.Null()], { description: 'that was hit; null: none matched' }),
  fields: FieldsSchema,
  changed: ChangesSchema,
  passedOver: Type.Array(PassedOverSchema, { description: 'stronger flows that do not match, those first that nearly do' }),
  unlisted: Type.Integer({ minimum: 0, description: 'how many more of these there are' }),
  outranked: Type.Array(InstalledFlowSchema, { description: 'flows that match too, but are not stronger' }),
});

export const TraceSchema = Type.Object({
  generation: GenerationSchema,
  in_port: PortSchema,
  packet: Type.String({ description: 'as it came in, in hex' }),
  fields: FieldsSchema,
  tenant: Type.Union([Type.String(), Type.Null()], { description: 'whose tables it met; null: a packet of nobody’s' }),
  steps: Type.Array(TraceStepSchema, { description: 'the tables on its way; `fields` and `changed` are as it came to each' }),
  out: Type.Array(
    Type.Object({
      port: PortSchema,
      packet: Type.String({ description: 'as it went out, in hex' }),
      changed: ChangesSchema,
    }),
    { description: 'what was sent; `changed` since the packet came in' },
  ),
  punted: Type.Array(Type.Integer({ minimum: 0 }), {
    description: 'handlers of plugins that it would go to; what they do with it is not tried',
  }),
  drop: Type.Union([DropSchema, Type.Null()], { description: 'why nothing went out; null: something did, or a plugin has it' }),
  drops: Type.Array(DropSchema, { description: 'why copies were lost, also where others went out' }),
  cycles: Type.Object(
    Object.fromEntries(stages.map((stage) => [stage, Type.Integer({ minimum: 0 })])) as Record<
      Stage,
      ReturnType<typeof Type.Integer>
    >,
    {
      description: 'TSC cycles that this packet took alone; packets in bursts take less',
    },
  ),
});

export type TraceView = Static<typeof TraceSchema>;
