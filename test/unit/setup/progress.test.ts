import test from 'ava';
import { progressIn } from '../../../src/setup/progress.mjs';

test('progress of make and of ninja is recognised, other brackets are not', (t) => {
  t.is(progressIn('[ 35%] Building CXX object x.o'), '[ 35%]');
  t.is(progressIn('[3/20] Building'), '[3/20]');
  t.is(progressIn('[error] no'), '');
});
