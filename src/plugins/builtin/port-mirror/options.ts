import { Type, type Static } from '../../sdk/index.js';
import { prefixPattern } from '../shared/prefix.js';

const strict = { additionalProperties: false } as const;

export const optionsSchema = Type.Object(
  {
    to: Type.Union(
      [
        Type.Object(
          {
            port: Type.String({ description: 'a port of the tenant' }),
            oneIn: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1, description: 'one packet in so many, at random' }),
            maxBytes: Type.Integer({ minimum: 0, maximum: 9728, default: 0, description: 'of a packet at most so many; 0: all' }),
          },
          strict,
        ),
        Type.Object(
          {
            remote: Type.String({ pattern: prefixPattern, description: 'the address of the collector' }),
            vni: Type.Integer({ minimum: 0, maximum: 0xffffff }),
          },
          strict,
        ),
      ],
      { description: 'a port, or a collector' },
    ),
    vms: Type.Optional(Type.Array(Type.String(), { description: "names of the tenant's VMs; all of them where left out" })),
    direction: Type.Union([Type.Literal('both'), Type.Literal('out'), Type.Literal('in')], {
      default: 'both',
      description: 'what VMs send (out), what they get (in), or both',
    }),
  },
  strict,
);

export type MirrorOptions = Static<typeof optionsSchema>;
