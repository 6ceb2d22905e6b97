import test from 'ava';
import { segmentsOf, tariffAt, type RecordedBook } from '../../../src/pricing/in-force.js';
import { recorded } from '../../support/tariffs.js';

const november = { fromMs: Date.UTC(2026, 10), toMs: Date.UTC(2026, 11) };
const day = (number: number, hour = 0): number => Date.UTC(2026, 10, number, hour);
const version = (effectiveFrom: string, perGibMicro: number, name = 'basic') => ({ name, effectiveFrom, perGibMicro });
const book = (sinceMs: number, ...tariffs: ReturnType<typeof version>[]): RecordedBook =>
  recorded(sinceMs, { pricing: { currency: 'EUR', tariffs }, tenants: { blue: { tariff: 'gold' } } });
const pricesOf = (tenant: string, books: readonly RecordedBook[]) =>
  segmentsOf(tenant, november, books).map(({ fromMs, toMs, tariff }) => [
    new Date(fromMs).getUTCDate(),
    toMs === november.toMs ? 31 : new Date(toMs).getUTCDate(),
    tariff?.rates.bytes.tiers[0]?.priceMicro,
  ]);

test('a month is cut at an effective-from', (t) => {
  t.deepEqual(pricesOf('red', [book(0, version('2026-01-01', 1), version('2026-11-10', 2))]), [
    [1, 10, 1n],
    [10, 31, 2n],
  ]);
});

test('before the first effective-from there is no tariff', (t) => {
  t.deepEqual(pricesOf('red', [book(0, version('2026-11-10', 2))]), [
    [1, 10, undefined],
    [10, 31, 2n],
  ]);
});

test('a price that is edited later changes nothing that was, and begins the day after', (t) => {
  const books = [book(day(3), version('2026-01-01', 1)), book(day(19, 15), version('2026-01-01', 9))];
  t.deepEqual(pricesOf('red', books), [
    [1, 20, 1n],
    [20, 31, 9n],
  ]);
});

test('a config that forgets the old version changes nothing until the new one begins', (t) => {
  const books = [book(0, version('2026-01-01', 1)), book(day(5), version('2026-11-10', 2))];
  t.deepEqual(pricesOf('red', books), [
    [1, 10, 1n],
    [10, 31, 2n],
  ]);
});

test('a version that is withdrawn before it begins never does', (t) => {
  const announced = [version('2026-01-01', 1), version('2026-11-20', 2)];
  t.deepEqual(pricesOf('red', [book(0, ...announced), book(day(10), version('2026-01-01', 1))]), [[1, 31, 1n]]);
});

test('back to an old book is back to its prices', (t) => {
  const [a, b] = [version('2026-01-01', 1), version('2026-01-01', 2)];
  t.deepEqual(pricesOf('red', [book(0, a), book(day(9), b), book(day(19, 23), a)]), [
    [1, 10, 1n],
    [10, 20, 2n],
    [20, 31, 1n],
  ]);
});

test('a tenant has the tariff that the config gives it, else the first', (t) => {
  const books = [book(0, version('2026-01-01', 1), version('2026-01-01', 7, 'gold'), version('2026-11-10', 8, 'gold'))];
  t.is(tariffAt('red', day(15), books)?.name, 'basic');
  t.is(tariffAt('blue', day(15), books)?.name, 'gold');
  t.deepEqual(pricesOf('blue', books), [
    [1, 10, 7n],
    [10, 31, 8n],
  ]);
  t.is(tariffAt('red', day(15), []), undefined);
});
