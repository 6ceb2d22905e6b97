import { Type, type Static } from 'typebox';
import { ctTimeoutDefaults, ctTimeouts, maxCtEntries, maxCtTimeoutMs, type CtTimeout } from '../model/conntrack.js';
import { nameSchema, oneOf, optional, strict } from './schema-parts.js';

const upTo = (maximum: number, description: string) => Type.Integer({ minimum: 0, maximum, description });
const perSecond = optional(upTo(100_000_000, 'new connections a second; 0 for no limit'));

const timeoutOf = (name: CtTimeout) =>
  optional(
    Type.Integer({ minimum: 100, maximum: maxCtTimeoutMs, default: ctTimeoutDefaults[name], description: 'milliseconds' }),
  );
const timeouts = Object.fromEntries(ctTimeouts.map((name) => [name, timeoutOf(name)])) as Record<
  CtTimeout,
  ReturnType<typeof timeoutOf>
>;

export const defaultCtEntries = 65_536;

/** The switch's. */
export const conntrackSchema = Type.Object(
  {
    entries: optional(
      Type.Integer({
        minimum: 16,
        maximum: maxCtEntries,
        default: defaultCtEntries,
        description: 'connections of all tenants; their memory is taken at the start',
      }),
    ),
    tcp: optional(
      Type.Object(
        {
          loose: optional(Type.Boolean({ default: true, description: 'connections may be taken up in mid-stream' })),
          checkWindow: optional(Type.Boolean({ default: false, description: 'segments out of the window are invalid' })),
        },
        strict,
      ),
    ),
    fragments: optional(oneOf(['drop', 'follow'])),
    timeouts: optional(Type.Object(timeouts, strict)),
  },
  { ...strict, description: 'connection tracking' },
);

/** A tenant's. */
export const ctLimitsSchema = Type.Object(
  {
    entries: optional(
      Type.Integer({ minimum: 1, maximum: maxCtEntries, description: 'connections that are kept for the tenant' }),
    ),
    halfOpen: optional(upTo(maxCtEntries, 'TCP without a handshake and others without a reply; 0 for no limit')),
    newPerSecond: perSecond,
    zones: optional(
      Type.Record(
        nameSchema,
        Type.Object({ entries: optional(upTo(maxCtEntries, 'connections; 0 for no limit')), newPerSecond: perSecond }, strict),
      ),
    ),
  },
  { ...strict, description: 'of connection tracking' },
);

export type ConntrackConfig = Static<typeof conntrackSchema>;
export type CtLimitsConfig = Static<typeof ctLimitsSchema>;
