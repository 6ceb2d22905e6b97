import { Type, type Static } from '../../sdk/index.js';

const strict = { additionalProperties: false } as const;

export const limitSchema = Type.Object(
  {
    direction: Type.Union([Type.Literal('out'), Type.Literal('in')], {
      description: 'what VMs send (out), or what they get (in)',
    }),
    rate: Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'kilobits or packets in a second' }),
    unit: Type.Union([Type.Literal('kbps'), Type.Literal('pktps')], { default: 'kbps' }),
    burst: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        description: 'kilobits or packets at once; what a second lets through where left out',
      }),
    ),
    vms: Type.Optional(Type.Array(Type.String(), { description: "names of the tenant's VMs; all of them where left out" })),
    together: Type.Boolean({ default: false, description: 'one rate for all of them, not one for each' }),
    protocol: Type.Optional(Type.Union([Type.Literal('tcp'), Type.Literal('udp'), Type.Literal('sctp')])),
    ports: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,5}(-[0-9]{1,5})?$',
        description: 'destination ports of the protocol, as `443` or `8000-8999`',
      }),
    ),
  },
  strict,
);

export type Limit = Static<typeof limitSchema>;
