/** An interval as the process saw it. */
export interface Elapsed {
  /** The wall clock where it began. */
  readonly fromWallMs: number;
  /** The wall clock where it ended. */
  readonly wallMs: number;
  /** By the monotonic clock. */
  readonly durationMs: number;
}

export interface RecordTimes {
  readonly fromMs: number;
  readonly toMs: number;
  /** How far the wall clock jumped, back where negative; 0 where it did not. */
  readonly jumpedMs: number;
}

/** What the wall clock may be off by without having jumped: NTP slews at 0.05 % at most, and timers are late. */
const toleranceMs = 1000;

/**
 * When an interval was, so that no two records overlap whatever the wall clock does. It begins where the record before it ended. Where
 * the clock was set back, recorded time goes on at half speed until the clock has caught up with it.
 * @param lastToMs end of the last record; 0 without one.
 * @param follows whether the interval follows the last record directly.
 */
export function recordTimes({ fromWallMs, wallMs, durationMs }: Elapsed, lastToMs: number, follows: boolean): RecordTimes {
  const fromMs = follows ? lastToMs : Math.max(lastToMs, fromWallMs);
  const toMs = Math.max(wallMs, fromMs + Math.floor(durationMs / 2));
  const drift = wallMs - fromWallMs - durationMs;
  const behind = follows ? 0 : Math.min(0, fromWallMs - lastToMs);
  const jumpedMs = Math.abs(drift) > toleranceMs ? drift : behind < -toleranceMs ? behind : 0;
  return { fromMs, toMs, jumpedMs };
}
