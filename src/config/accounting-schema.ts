import { Type, type Static } from 'typebox';
import { optional, strict } from './schema-parts.js';

const days = (maximum: number, byDefault: number, description: string) =>
  optional(Type.Integer({ minimum: 1, maximum, default: byDefault, description }));

export const defaultKeepDays = { rawDays: 7, hourlyDays: 400, dailyDays: 3660 } as const;
export const defaultLedgerIntervalS = 10;

const ledgerSchema = Type.Object(
  {
    path: optional(
      Type.String({ pattern: '^/[^\\0]{1,500}[^/\\0]$', description: 'an absolute path of a file on a disk that lasts' }),
    ),
    intervalS: optional(
      Type.Number({
        minimum: 0.1,
        maximum: 3600,
        default: defaultLedgerIntervalS,
        description: 'seconds; what a kill loses at most',
      }),
    ),
    keep: optional(
      Type.Object(
        {
          rawDays: days(3660, defaultKeepDays.rawDays, 'days of which every interval is kept'),
          hourlyDays: days(36_600, defaultKeepDays.hourlyDays, 'days of which the sum of each hour is kept'),
          dailyDays: days(366_000, defaultKeepDays.dailyDays, 'days of which the sum of the day is kept'),
        },
        { ...strict, description: 'days with records; others do not count' },
      ),
    ),
  },
  { ...strict, description: 'where usage records are kept' },
);

const exportSchema = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^\\s]{1,2000}$',
      description: 'where events are posted, for example `http://openmeter:8888/api/v1/events`',
    }),
    token: optional(
      Type.String({ minLength: 1, maxLength: 4096, pattern: '^[!-~]+$', description: 'sent as `Authorization: Bearer`' }),
    ),
    intervalS: optional(
      Type.Number({ minimum: 0.1, maximum: 3600, description: 'seconds between looks for new records; 10 by default' }),
    ),
    batch: optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'records in one request; 500 by default' })),
  },
  { ...strict, description: 'usage as CloudEvents' },
);

export const accountingSchema = Type.Object(
  {
    export: optional(exportSchema),
    ledger: optional(Type.Union([Type.Literal(false, { description: 'no record is kept' }), ledgerSchema])),
  },
  strict,
);

export type ExportConfig = Static<typeof exportSchema>;
export type AccountingConfig = Static<typeof accountingSchema>;
