import { Type, type Static } from 'typebox';
import { nameSchema } from '../../config/schema.js';
import { oneOf } from '../../config/schema-parts.js';
import { ctCounters, ctEntryKinds, ctStates, type CtEntryKind } from '../../model/conntrack.js';
import { Counter, strict } from './common.js';

const number = (description: string) => Type.Optional(Type.String({ pattern: '^[0-9]{1,10}$', description }));

const filter = {
  tenant: Type.Optional(nameSchema),
  zone: number('a zone, 0 to 65535'),
  proto: Type.Optional(
    Type.String({ pattern: '^([a-z0-9]{1,8})$', description: 'tcp, udp, icmp, icmp6, sctp, or a number 0 to 255' }),
  ),
  address: Type.Optional(
    Type.String({ minLength: 2, maxLength: 45, description: 'an address of either end, in either direction' }),
  ),
  port: number('a port of either end, in either direction; of ICMP the identifier'),
};

/** Which connections. */
export const CtFilterQuery = Type.Object(filter, strict);
export const CtListQuery = Type.Object(
  { ...filter, limit: number('1 to 10000; 100 where left out'), cursor: number('of the page before') },
  strict,
);
export const CtFlushQuery = Type.Object(
  { ...filter, all: Type.Optional(Type.Literal('true', { description: 'where there is no filter' })) },
  strict,
);

const EndsSchema = Type.Object({
  src: Type.String(),
  dst: Type.String(),
  srcPort: Type.Integer(),
  dstPort: Type.Integer({ description: 'of ICMP the identifier in both' }),
});

export const CtConnectionSchema = Type.Object({
  tenant: Type.Union([Type.String(), Type.Null()], { description: 'null: of packets that belong to no tenant' }),
  zone: Type.Integer(),
  proto: Type.Integer({ description: 'the number of the IP protocol' }),
  original: EndsSchema,
  reply: Type.Object(EndsSchema.properties, { description: 'as its packets come; not the original turned where there is NAT' }),
  state: oneOf(ctStates),
  mark: Type.Integer(),
  label: Type.String({ description: '128 bits, `0x...`' }),
  timeoutMs: Type.Integer({ description: 'until it goes, if no packet comes' }),
});
export const CtListSchema = Type.Object({
  connections: Type.Array(CtConnectionSchema),
  cursor: Type.Union([Type.Integer(), Type.Null()], { description: 'of the next page; null where this was the last' }),
});
export const CtCountSchema = Type.Object({ connections: Type.Integer({ minimum: 0 }) });
export const CtFlushedSchema = Type.Object({ flushed: Type.Integer({ minimum: 0 }) });
export const CtRestoredSchema = Type.Object({
  restored: Type.Integer({ minimum: 0 }),
  skipped: Type.Integer({ minimum: 0, description: 'there already, over a limit, or of no tenant' }),
});

const limit = (description: string) => Type.Integer({ minimum: 0, description: `${description}; 0: no limit` });

const entryCount = Type.Integer({ minimum: 0 });

export const CtTenantSchema = Type.Object({
  tenant: Type.Union([Type.String(), Type.Null()]),
  counters: Type.Object(
    Object.fromEntries(ctCounters.map((name) => [name, Counter])) as Record<(typeof ctCounters)[number], typeof Counter>,
    { description: '`entries` and `half_open` are how many there are now' },
  ),
  states: Type.Object(
    Object.fromEntries(ctEntryKinds.map((name) => [name, entryCount])) as Record<CtEntryKind, typeof entryCount>,
    { description: 'entries now: connections by state, and endpoint-independent mappings' },
  ),
  limits: Type.Object({
    entries: limit('connections'),
    halfOpen: limit('TCP without a handshake and others without a reply'),
    newPerSecond: limit('new connections a second'),
    zones: Type.Array(
      Type.Object({
        zone: Type.Integer(),
        entries: limit('connections'),
        newPerSecond: limit('new connections a second'),
      }),
    ),
  }),
});
export const CtStatsSchema = Type.Object({
  entries: Type.Integer({ minimum: 0 }),
  capacity: Type.Integer({ minimum: 0 }),
  memoryBytes: Type.Integer({ minimum: 0, description: 'taken at the start' }),
  tenants: Type.Array(CtTenantSchema),
});

export type CtFilterText = Static<typeof CtFilterQuery>;
export type CtConnectionView = Static<typeof CtConnectionSchema>;
export type CtListView = Static<typeof CtListSchema>;
export type CtCountView = Static<typeof CtCountSchema>;
export type CtFlushedView = Static<typeof CtFlushedSchema>;
export type CtRestoredView = Static<typeof CtRestoredSchema>;
export type CtStatsView = Static<typeof CtStatsSchema>;
