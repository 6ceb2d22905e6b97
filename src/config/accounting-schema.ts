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

export const accountingSchema = Type.Object(
  { ledger: optional(Type.Union([Type.Literal(false, { description: 'no record is kept' }), ledgerSchema])) },
  strict,
);

export type AccountingConfig = Static<typeof accountingSchema>;
