import { Type, type Static } from 'typebox';
import { nameSchema } from '../../config/schema.js';
import { oneOf } from '../../config/schema-parts.js';
import { ledgerFaults, recordFlags, recordKinds, resolutions, type LedgerNote } from '../../model/usage-record.js';
import { Counter, strict } from './common.js';

const time = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 40, description }));
const number = (description: string) => Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description }));

export const RecordsQuery = Type.Object(
  {
    tenant: Type.Optional(nameSchema),
    from: time('records that begin then or later: ISO 8601, or milliseconds since 1970'),
    to: time('and before then'),
    resolution: Type.Optional(oneOf(resolutions)),
    limit: number('1 to 10000; 100 where left out'),
    cursor: number('of the page before'),
  },
  strict,
);

const NoteSchema = Type.Unsafe<LedgerNote>(
  Type.Object({ type: oneOf(['begun', 'tariffs', 'rolled_up', 'dropped']) }, { description: 'what became of the ledger itself' }),
);

export const UsageRecordSchema = Type.Object({
  sequence: Type.Integer({ minimum: 1, description: 'from 1, without gaps but where records were dropped after their roll-up' }),
  kind: oneOf(recordKinds),
  resolution: Type.Union([oneOf(resolutions), Type.Null()]),
  tenant: Type.Union([Type.String(), Type.Null()], { description: 'null: of no tenant' }),
  instance: Type.String(),
  bootId: Type.String({ description: 'the machine’s boot, and a process’s own part' }),
  interval: Type.Integer({ minimum: 0, description: 'number of the interval in its process' }),
  from: Type.String({ description: 'ISO 8601, by the wall clock' }),
  to: Type.String({ description: 'ISO 8601; records of a subject do not overlap' }),
  durationMs: Type.Integer({ minimum: 0, description: 'what really passed, by the monotonic clock' }),
  tscHz: Counter,
  flags: Type.Array(oneOf(recordFlags)),
  counters: Type.Record(Type.String(), Counter, { description: 'what grew in the interval; 0 where left out' }),
  note: Type.Union([NoteSchema, Type.Null()]),
});
export const RecordsSchema = Type.Object({
  records: Type.Array(UsageRecordSchema),
  cursor: Type.Union([Type.Integer(), Type.Null()], { description: 'of the next page; null where this was the last' }),
});

export const LedgerSchema = Type.Object({
  path: Type.String(),
  bootId: Type.String({ description: 'of this process' }),
  intervalMs: Type.Integer(),
  position: Type.Union([
    Type.Object({
      sequence: Type.Integer({ minimum: 0 }),
      hash: Type.String({ description: 'of the last record, in hexadecimal' }),
      head: Type.String({ description: '`SEQUENCE:HASH`, to be noted down outside' }),
      to: Type.Union([Type.String(), Type.Null()], { description: 'end of the last interval, ISO 8601' }),
      bytes: Type.Integer({ minimum: 0 }),
    }),
    Type.Null(),
  ]),
  pendingMs: Type.Number({ minimum: 0, description: 'since the last interval that was written: what a kill would lose' }),
  fault: Type.Union([Type.Object({ fault: oneOf(ledgerFaults), message: Type.String(), remedy: Type.String() }), Type.Null()]),
  failures: Type.Record(Type.String(), Type.Integer(), { description: 'how often an interval could not be written, by fault' }),
  clockJumps: Type.Integer({ minimum: 0 }),
});

export type RecordsText = Static<typeof RecordsQuery>;
export type RecordsView = Static<typeof RecordsSchema>;
export type LedgerView = Static<typeof LedgerSchema>;
