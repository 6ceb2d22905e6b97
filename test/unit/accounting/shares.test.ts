import test from 'ava';
import { Shares, type ShareChange } from '../../../src/accounting/shares.js';
import type { VswitchConfig } from '../../../src/config/schema.js';
import type { VswitchError } from '../../../src/model/errors.js';

/** Red is guaranteed half of each of two cores, blue has a cap, green says nothing; on a clock that the test moves. */
function fixture() {
  const config: VswitchConfig = {
    name: 'a',
    workers: { cores: [1, 2] },
    ports: {},
    tenants: {
      red: { limits: { cycles: { guaranteedPercent: 50 } } },
      blue: { limits: { cycles: { weight: 7, capPercent: 60 } } },
      green: {},
    },
  };
  const sent: number[][] = [];
  const clock = { ms: 0 };
  const setShares = async (shares: Uint32Array): Promise<void> => void sent.push([...shares.subarray(0, 12)]);
  return { shares: new Shares(config, { setShares }, () => clock.ms), sent, clock };
}

const red = { tenant: 'red', weight: 100, guaranteedPercent: 50, capPercent: null };
const blue = { tenant: 'blue', weight: 7, guaranteedPercent: 0, capPercent: 60 };
const green = { tenant: 'green', weight: 100, guaranteedPercent: 0, capPercent: null };

test('shares are those of the config until they are changed', (t) => {
  const { shares, sent } = fixture();
  t.deepEqual(shares.list(), [red, blue, green]);
  t.deepEqual(sent, []);
});

test('a change of several tenants goes to the data plane as one; what it leaves out stays, null is the default', async (t) => {
  const { shares, sent } = fixture();
  const answer = await shares.change({
    red: { guaranteedPercent: null },
    green: { guaranteedPercent: 90, capPercent: 95 },
    blue: { capPercent: null },
  });
  t.deepEqual(answer, [
    { ...red, guaranteedPercent: 0 },
    { ...blue, capPercent: null },
    { ...green, guaranteedPercent: 90, capPercent: 95 },
  ]);
  t.deepEqual(answer, shares.list());
  t.deepEqual(sent, [[100, 0, 0, 100, 0, 0, 7, 0, 0, 100, 900, 950]]);
});

const refusals: readonly [string, Readonly<Record<string, ShareChange>>, string, string, RegExp][] = [
  [
    'guarantees beyond a core',
    { blue: { guaranteedPercent: 51 } },
    'LIMIT_EXCEEDED',
    '/blue/guaranteedPercent',
    /^the tenants are guaranteed 101 percent of each core together: red 50, blue 51$/,
  ],
  ['a cap below the guarantee', { red: { capPercent: 49 } }, 'REQUEST_INVALID', '/red/capPercent', /guarantee of 50/],
  ['a tenant that is none', { constructor: { weight: 1 } }, 'TENANT_NOT_FOUND', '/constructor', /^no tenant/],
];

for (const [what, changes, code, pointer, message] of refusals) {
  test(`${what} is refused, and nothing of the change is made`, async (t) => {
    const { shares, sent } = fixture();
    const error = await t.throwsAsync<VswitchError>(shares.change({ green: { weight: 3 }, ...changes }));
    t.like(error, { code });
    t.is(error.faults[0]?.pointer, pointer);
    t.regex(error.faults[0]?.message ?? '', message);
    t.deepEqual(shares.list(), [red, blue, green]);
    t.deepEqual(sent, []);
  });
}

test('what is reserved counts as long as it is, on all workers', async (t) => {
  const { shares, clock } = fixture();
  clock.ms = 10_000;
  t.is(shares.reservedCoreSeconds(1), 10n);
  await shares.change({ red: { guaranteedPercent: 20 }, blue: { guaranteedPercent: 25 } });
  clock.ms = 30_000;
  t.is(shares.reservedCoreSeconds(1), 18n);
  t.is(shares.reservedCoreSeconds(2), 10n);
  t.is(shares.reservedCoreSeconds(3), 0n);
});
