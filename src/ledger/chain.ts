import { hash } from 'node:crypto';
import type { UsageRecord } from '../model/usage-record.js';

/** Before the first record. */
export const chainStart: Uint8Array = new Uint8Array(32);

/**
 * The text that a record's hash is over: a JSON array of fixed order. Counters are sorted by name, and one that is 0 is left out, so that a
 * counter which comes later, or a column that is added for it, changes no record that there is.
 */
export function canonical(record: UsageRecord): string {
  const { sequence, kind, resolution, tenant, instance, bootId, interval, fromMs, toMs, durationMs, tscHz, flags, note } = record;
  const counters = Object.entries(record.counters)
    .filter(([, value]) => value !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  // prettier-ignore
  return JSON.stringify([
    formatVersion, sequence, kind, resolution, tenant, instance, bootId, interval, fromMs, toMs, durationMs, String(tscHz), flags, counters, note,
  ]);
}

const formatVersion = 1;

/** SHA-256 (FIPS 180-4) over the hash before and the record's canonical text. */
export const hashOf = (before: Uint8Array, record: UsageRecord): Buffer =>
  hash('sha256', Buffer.concat([before, Buffer.from(canonical(record), 'utf8')]), 'buffer');
