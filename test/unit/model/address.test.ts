import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import {
  contains,
  familyBits,
  formatIp,
  formatMac,
  formatPrefix,
  hostBits,
  isGroupMac,
  overlaps,
  parseIp,
  parseMac,
  parsePrefix,
  prefixLength,
  prefixMask,
  withoutHostBits,
  type IpPrefix,
} from '../../../src/model/address.js';

const ip = fc
  .constantFrom(4 as const, 6 as const)
  .chain((family) => fc.bigInt(0n, (1n << BigInt(familyBits[family])) - 1n).map((value) => ({ family, value })));
const prefix: fc.Arbitrary<IpPrefix> = ip.chain((address) =>
  fc.nat(familyBits[address.family]).map((length) => withoutHostBits({ ...address, length })),
);

testProp(
  'addresses, prefixes and MACs come back from their text',
  [ip, prefix, fc.bigInt(0n, (1n << 48n) - 1n)],
  (t, a, p, mac) => {
    t.deepEqual(parseIp(formatIp(a)), a);
    t.deepEqual(parsePrefix(formatPrefix(p)), p);
    t.is(parseMac(formatMac(mac)), mac);
    t.is(parseMac(formatMac(mac).toUpperCase()), mac);
  },
);

testProp('a mask and its length', [fc.nat(128)], (t, length) => {
  t.is(prefixLength(prefixMask(length, 128), 128), length);
  t.is(prefixMask(length, 128).toString(2).replace(/0*$/, '').length, length === 0 ? 0 : length);
});

test('a mask with a hole is no prefix', (t) => {
  t.is(prefixLength(0xff00ff00n, 32), undefined);
  t.is(prefixLength(0x1n, 32), undefined);
});

testProp('two prefixes overlap exactly where one holds the other', [prefix, prefix], (t, a, b) => {
  t.is(overlaps(a, b), overlaps(b, a));
  t.is(overlaps(a, b), (a.length <= b.length && contains(a, b)) || (b.length <= a.length && contains(b, a)));
  t.true(overlaps(a, a));
  t.is(hostBits(a), 0n);
});

test('contains', (t) => {
  const net = parsePrefix('10.1.0.0/24');
  if (!net) return t.fail();
  const inside = (text: string) => contains(net, parseIp(text) ?? { family: 4, value: -1n });
  t.true(inside('10.1.0.0') && inside('10.1.0.255'));
  t.false(inside('10.1.1.0') || inside('10.0.255.255') || inside('::a01:0'));
});

for (const text of [
  '',
  '10.0.0',
  '10.0.0.0.0',
  '10.0.0.256',
  '010.0.0.1',
  '0x0a.0.0.1',
  '167772161',
  ' 10.0.0.1',
  '10.0.0.1/24',
  'fe80::1%eth0',
  ':::',
  'g::',
  '1:2:3:4:5:6:7:8:9',
])
  test(`${JSON.stringify(text)} is no address`, (t) => {
    t.is(parseIp(text), undefined);
  });

for (const text of ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8.0', 'fd00::/129', '/8', '10.0.0.0/24/8'])
  test(`${JSON.stringify(text)} is no prefix`, (t) => {
    t.is(parsePrefix(text), undefined);
  });

for (const text of ['', '02:00:00:00:00', '02:00:00:00:00:0', '02-00-00-00-00-01', '02:00:00:00:00:0g', '02:00:00:00:00:01:02'])
  test(`${JSON.stringify(text)} is no MAC address`, (t) => {
    t.is(parseMac(text), undefined);
  });

test('group addresses have the first bit on the wire set', (t) => {
  t.true(isGroupMac(parseMac('01:00:5e:00:00:01') ?? 0n));
  t.true(isGroupMac(parseMac('ff:ff:ff:ff:ff:ff') ?? 0n));
  t.false(isGroupMac(parseMac('02:00:00:00:00:01') ?? 0n));
});

test('IPv6 is written as RFC 5952 says', (t) => {
  const again = (text: string) => formatIp(parseIp(text) ?? { family: 4, value: 0n });
  t.is(again('2001:0DB8:0:0:0:0:0:1'), '2001:db8::1');
  t.is(again('::ffff:10.0.0.1'), '::ffff:a00:1');
});
