import { Type, type TSchema } from 'typebox';
import { maxActions, maxHandler, maxVnis, settableFields, tunnelKinds } from '../model/action.js';
import { explicitDropReasons } from '../model/drop.js';
import { maxCtZone } from '../model/conntrack.js';
import { maxPriority, maxTimeout } from '../model/flow.js';
import { groupHashes, groupTypes, maxBuckets, maxGroupId } from '../model/group.js';
import { matchFields, type FieldName } from '../model/match.js';
import { maxMeterId, meterKinds, meterUnits, meterVerdicts } from '../model/meter.js';
import { ipSchema, macSchema, maxPorts, maxTables, oneOf, optional, strict } from './schema-parts.js';

const integer = (minimum: number, maximum: number, description?: string) =>
  Type.Integer({ minimum, maximum, ...(description === undefined ? {} : { description }) });
const valueSchema = Type.Union([Type.String({ maxLength: 100 }), Type.Integer({ minimum: 0 })]);
export const matchSchema = Type.Object(
  Object.fromEntries(matchFields.map((f) => [f.name, optional(valueSchema)])) as Record<
    FieldName,
    ReturnType<typeof Type.Optional<typeof valueSchema>>
  >,
  { ...strict, description: 'OXM fields; a value, `value/mask`, a prefix, or a range of ports' },
);
const portRefSchema = (description: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: 31 }), integer(1, maxPorts)], { description });
const groupIdSchema = integer(0, maxGroupId);
const meterIdSchema = integer(1, maxMeterId);
const dscpSchema = integer(0, 63, 'a DSCP, 0 to 63');
const vniSchema = integer(0, 0xff_ffff, 'a VNI of 24 bits');
const actionOf = <const T extends string, const P extends Record<string, TSchema>>(type: T, properties: P) =>
  Type.Object({ type: Type.Literal(type), ...properties }, strict);

/** Actions that an action set may hold. */
const setActions = [
  actionOf('output', { port: portRefSchema('a port by name or number, `in_port` or `flood`') }),
  actionOf('set_field', { field: oneOf(settableFields), value: valueSchema }),
  actionOf('dec_ttl', {}),
  actionOf('set_nw_ttl', { ttl: integer(0, 255) }),
  actionOf('arp_reply', { mac: macSchema }),
  actionOf('push_vlan', { ethertype: optional(valueSchema) }),
  actionOf('pop_vlan', {}),
  actionOf('group', { group: groupIdSchema }),
  actionOf('mirror', {
    port: portRefSchema('a port by name or number'),
    one_in: optional(integer(1, 0xffff_ffff)),
    max_bytes: optional(integer(0, 0xffff)),
  }),
  actionOf('encap', {
    tunnel: oneOf(tunnelKinds),
    vni: Type.Union([vniSchema, Type.Literal('tunnel_id')], { description: 'a VNI of 24 bits, or `tunnel_id`' }),
    eth_src: macSchema,
    eth_dst: macSchema,
    src: ipSchema,
    dst: ipSchema,
    udp_dst: optional(integer(1, 65535)),
    ttl: optional(integer(1, 255)),
    dscp: optional(Type.Union([dscpSchema, Type.Literal('inherit')], { description: 'a DSCP, 0 to 63, or `inherit`' })),
    checksum: optional(Type.Boolean()),
  }),
  actionOf('decap', { tunnel: oneOf(tunnelKinds), vnis: Type.Array(vniSchema, { minItems: 1, maxItems: maxVnis }) }),
] as const;
const rangeSchema = Type.String({
  minLength: 2,
  maxLength: 100,
  description: 'an address, a range as `192.0.2.1-192.0.2.9`, or a prefix for 1:1',
});
const natSchema = Type.Object(
  {
    src: optional(rangeSchema),
    dst: optional(rangeSchema),
    ports: optional(valueSchema),
    random: optional(Type.Boolean()),
    persistent: optional(Type.Boolean({ description: 'endpoint-independent mapping (RFC 4787)' })),
    portBlock: optional(integer(1, 0xffff, 'ports of an inside address (RFC 7422)')),
  },
  { ...strict, description: 'without src and dst: what the connection has' },
);
const tableSchema = integer(1, maxTables - 1);
const conntrackProperties = {
  zone: optional(integer(0, maxCtZone)),
  commit: optional(Type.Boolean()),
  mark: optional(valueSchema),
  label: optional(valueSchema),
  nat: optional(natSchema),
};
const bucketActions = [
  ...setActions,
  actionOf('drop', { reason: optional(oneOf(explicitDropReasons)) }),
  actionOf('meter', { meter: meterIdSchema }),
  actionOf('conntrack', { ...conntrackProperties, table: optional(tableSchema) }),
] as const;
export const actionSchema = Type.Union([
  ...bucketActions,
  actionOf('goto_table', { table: tableSchema }),
  actionOf('write_metadata', {
    value: optional(valueSchema),
    mask: optional(valueSchema),
    metadata: optional(valueSchema),
    metadata_mask: optional(valueSchema),
  }),
  actionOf('write_actions', { actions: Type.Array(Type.Union([...setActions]), { minItems: 1, maxItems: maxActions }) }),
  actionOf('clear_actions', {}),
  actionOf('nd_reply', { mac: macSchema }),
  actionOf('icmp_reply', {}),
  actionOf('punt', { handler: integer(0, maxHandler, 'the number of a handler of a plugin of the tenant') }),
  actionOf('resubmit', { table: integer(0, maxTables - 1) }),
]);
export const actionsSchema = Type.Array(actionSchema, { maxItems: maxActions });
const timeoutSchema = Type.Integer({ minimum: 0, maximum: maxTimeout, default: 0, description: 'seconds, 0 for never' });
const flowIdentity = {
  table: optional(Type.Integer({ minimum: 0, maximum: maxTables - 1, default: 0 })),
  priority: optional(Type.Integer({ minimum: 0, maximum: maxPriority, default: 32768 })),
  match: optional(matchSchema),
  cookie: optional(Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$' })])),
};
export const flowSchema = Type.Object(
  {
    ...flowIdentity,
    actions: actionsSchema,
    idle_timeout: optional(timeoutSchema),
    hard_timeout: optional(timeoutSchema),
  },
  strict,
);
export const flowIdentitySchema = Type.Object(flowIdentity, strict);

export const groupSchema = Type.Object(
  {
    group: groupIdSchema,
    type: oneOf(groupTypes),
    hash: optional(oneOf(groupHashes)),
    buckets: Type.Array(
      Type.Object(
        {
          weight: optional(integer(0, 65535)),
          watch_port: optional(portRefSchema('a port by name or number')),
          watch_group: optional(groupIdSchema),
          actions: Type.Array(Type.Union([...bucketActions]), { maxItems: maxActions }),
        },
        strict,
      ),
      { maxItems: maxBuckets },
    ),
  },
  strict,
);

/** In kbps or packets a second, and kilobits or packets. */
const rateSchema = integer(0, 0xffff_ffff);
export const meterSchema = Type.Union([
  Type.Object(
    {
      meter: meterIdSchema,
      unit: oneOf(meterUnits),
      bands: Type.Array(
        Type.Object(
          {
            type: oneOf(['drop', 'dscp_remark']),
            rate: rateSchema,
            burst_size: optional(rateSchema),
            dscp: optional(dscpSchema),
          },
          strict,
        ),
        { minItems: 1, maxItems: 2 },
      ),
    },
    { ...strict, description: "a meter by OpenFlow's bands" },
  ),
  Type.Object(
    {
      meter: meterIdSchema,
      unit: oneOf(meterUnits),
      kind: oneOf(meterKinds),
      cir: rateSchema,
      cbs: rateSchema,
      ebs: optional(rateSchema),
      pir: optional(rateSchema),
      pbs: optional(rateSchema),
      eir: optional(rateSchema),
      yellow: optional(oneOf(meterVerdicts)),
      yellow_dscp: optional(dscpSchema),
      red: optional(oneOf(meterVerdicts)),
      red_dscp: optional(dscpSchema),
    },
    { ...strict, description: "a meter by an RFC's parameters" },
  ),
]);
