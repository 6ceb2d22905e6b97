import test from 'ava';
import { fc, testProp } from '@fast-check/ava';
import { pagesToKeep, wantedFreeMib } from '../../../src/setup/hugepages.mjs';

const wantedPages = wantedFreeMib / 2;

test('a machine without pages reserves what is wanted', (t) => {
  t.is(pagesToKeep({ total: 0, free: 0, availableMib: 8192 }), wantedPages);
});

test('only what is short is added to pages that others use', (t) => {
  t.is(pagesToKeep({ total: 100, free: 28, availableMib: 8192 }), 100 + wantedPages - 28);
});

testProp(
  'pages are never taken away, and half of the available memory stays',
  [fc.nat(100_000), fc.nat(1000), fc.double({ min: 0, max: 100_000, noNaN: true })],
  (t, total, free, availableMib) => {
    const more = pagesToKeep({ total, free, availableMib }) - total;
    t.true(more >= 0 && Number.isInteger(more));
    t.true(more * 2 <= availableMib / 2);
    t.true(free + more <= Math.max(free, wantedPages));
  },
);
