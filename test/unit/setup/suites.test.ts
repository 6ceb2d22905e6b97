import test from 'ava';
import { obstacle, selectSuites, suites } from '../../../src/setup/suites.mjs';

test('without names all suites are run; names choose, in the order of the list', (t) => {
  t.is(selectSuites([]), suites);
  t.deepEqual(
    selectSuites(['unit', 'types']).map(({ name }) => name),
    ['types', 'unit'],
  );
});

test('a name that is no suite is told, with those that are', (t) => {
  t.throws(() => selectSuites(['unit', 'nuit']), { message: /no such suite: nuit; there are .*unit/ });
});

test('suites that need root say so where there is none, and run where there is', (t) => {
  const [endToEnd] = selectSuites(['e2e']);
  t.regex(obstacle(endToEnd!, { uid: 1000, cores: 2 }) ?? '', /root/);
  t.is(obstacle(endToEnd!, { uid: 0, cores: 2 }), undefined);
});
