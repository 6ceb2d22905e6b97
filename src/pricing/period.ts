/** A time in milliseconds since 1970 UTC: `fromMs` belongs to it, `toMs` does not. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How a period is written, for people. */
export const periodForms =
  'a month (2026-11), a day (2026-11-05), a year (2026), or two moments in UTC (2026-11-01/2026-11-15T06:00Z)';

/** The period of a text: a year, month or day in UTC, or two moments with `/` between; undefined where it is none. */
export function parsePeriod(text: string): Period | undefined {
  const ends = text.split('/');
  const [fromMs, toMs] = ends.length === 2 ? ends.map(momentOf) : [momentOf(text), endOf(text)];
  return fromMs !== undefined && toMs !== undefined && fromMs < toMs ? { fromMs, toMs } : undefined;
}

const momentPattern = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{3})?)?Z)?)?)?$/;

/** Dates that no calendar has are none, though JavaScript reads 30 February as 2 March. */
function momentOf(text: string): number | undefined {
  if (!momentPattern.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text.replace(/Z$/, '')) ? time : undefined;
}

/** The end of a year, month or day. */
function endOf(text: string): number | undefined {
  const [, year, month, day, time] = momentPattern.exec(text) ?? [];
  if (year === undefined || time !== undefined) return undefined;
  if (month === undefined) return Date.UTC(Number(year) + 1, 0);
  return day === undefined ? Date.UTC(Number(year), Number(month)) : Date.UTC(Number(year), Number(month) - 1, Number(day) + 1);
}

/** The calendar months in UTC that a period touches, whole, in their order. */
export function monthsOf({ fromMs, toMs }: Period): Period[] {
  const months: Period[] = [];
  for (let month = monthOf(fromMs); month.fromMs < toMs; month = monthOf(month.toMs)) months.push(month);
  return months;
}

function monthOf(atMs: number): Period {
  const at = new Date(atMs);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return { fromMs: Date.UTC(year, month), toMs: Date.UTC(year, month + 1) };
}
