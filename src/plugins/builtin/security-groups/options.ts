import { Type, type Static } from '../../sdk/index.js';
import { prefixPattern } from '../shared/prefix.js';

const strict = { additionalProperties: false } as const;

const ruleSchema = Type.Object(
  {
    protocol: Type.Optional(
      Type.Union([Type.Literal('tcp'), Type.Literal('udp'), Type.Literal('sctp'), Type.Literal('icmp')], {
        description: 'tcp, udp, sctp, or icmp, which is ICMPv6 between IPv6 addresses; any where left out',
      }),
    ),
    ports: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,5}(-[0-9]{1,5})?$',
        description: 'destination ports of tcp, udp or sctp, as `443` or `8000-8999`; all where left out',
      }),
    ),
    icmpType: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    icmpCode: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    remote: Type.Optional(
      Type.String({ pattern: prefixPattern, description: 'an address or a prefix of the other end, for example `10.0.0.0/8`' }),
    ),
    remoteGroup: Type.Optional(Type.String({ description: 'the group whose members are at the other end' })),
    ip: Type.Optional(Type.Union([Type.Literal(4), Type.Literal(6)], { description: '4 or 6; both where left out' })),
  },
  { ...strict, description: 'connections that may be opened' },
);

const rules = (description: string) => Type.Optional(Type.Array(ruleSchema, { maxItems: 4096, description }));

export const optionsSchema = Type.Object(
  {
    zone: Type.Integer({
      minimum: 1,
      maximum: 65535,
      default: 61001,
      description: 'of conntrack; nobody else of the tenant uses it',
    }),
    groups: Type.Record(
      Type.String({ pattern: '^[a-z0-9][a-z0-9_.-]{0,62}$' }),
      Type.Object(
        {
          members: Type.Array(Type.String({ description: "the name of one of the tenant's VMs, an address, or a prefix" }), {
            maxItems: 4096,
          }),
          ingress: rules('what others may open to the members'),
          egress: rules('what the members may open to others'),
        },
        strict,
      ),
      { description: 'by name' },
    ),
    ungrouped: Type.Union([Type.Literal('deny'), Type.Literal('allow')], {
      default: 'deny',
      description: 'what the VMs may do that are in no group: nothing, or all',
    }),
    log: Type.Boolean({ default: false, description: 'whether packets that are refused come to the plugin, to be told of' }),
  },
  strict,
);

export type GroupRule = Static<typeof ruleSchema>;
export type SecurityOptions = Static<typeof optionsSchema>;
export type Direction = 'ingress' | 'egress';
