import test from 'ava';
import { isInRange, isVersion } from '../../../src/plugins/host/versions.js';

for (const [range, within, without] of [
  ['^1.2.0', ['1.2.0', '1.9.9'], ['1.1.9', '2.0.0']],
  ['^0.1.2', ['0.1.2', '0.1.9'], ['0.1.1', '0.2.0']],
  ['^0.0.3', ['0.0.3'], ['0.0.4', '0.1.0']],
  ['~1.2.3', ['1.2.3', '1.2.9'], ['1.3.0', '1.2.2']],
  ['1.2.3', ['1.2.3'], ['1.2.4']],
  ['>=0.1.0 <0.3.0', ['0.1.0', '0.2.9'], ['0.3.0', '0.0.9']],
  ['>1.0.0 <=1.1.0', ['1.0.1', '1.1.0'], ['1.0.0', '1.1.1']],
] as const)
  test(`versions in ${range}`, (t) => {
    for (const version of within) t.true(isInRange(version, range), version);
    for (const version of without) t.false(isInRange(version, range), version);
  });

test('what is no range, or no version', (t) => {
  t.is(isInRange('1.0.0', 'latest'), undefined);
  t.is(isInRange('1.0.0', ''), undefined);
  t.is(isInRange('1.0', '^1.0.0'), undefined);
  t.true(isVersion('1.2.3-rc.1'));
  t.false(isVersion('1.2'));
});
