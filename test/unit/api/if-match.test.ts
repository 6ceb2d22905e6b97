import test from 'ava';
import { etagOf, ifMatchOf } from '../../../src/api/if-match.js';
import { generation } from '../../../src/model/ids.js';
import { VswitchError } from '../../../src/model/errors.js';

test('a generation comes back from its ETag', (t) => {
  t.is(ifMatchOf(etagOf(generation(12345678901234567n))), generation(12345678901234567n));
});

test('no header, or a star, asks for nothing', (t) => {
  t.is(ifMatchOf(undefined), undefined);
  t.is(ifMatchOf('*'), undefined);
});

for (const header of ['7', 'W/"7"', '"7", "8"', '""', '"seven"', '"-1"', '"99999999999999999999"']) {
  test(`${header} is refused, not taken for anything`, (t) => {
    const error = t.throws(() => ifMatchOf(header), { instanceOf: VswitchError });
    t.is(error.code, 'REQUEST_INVALID');
    t.is(error.faults[0]?.pointer, '/headers/if-match');
    t.is(error.faults[0]?.value, header);
  });
}
