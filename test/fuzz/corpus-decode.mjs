/** Inputs of decode_fuzz.cc: transactions as src/switch/codec.ts describes them, by hand, so that each part of the format has one. */

const magic = 0x3153544d;

/** @param {readonly number[]} numbers */
const u8 = (...numbers) => Buffer.from(numbers);
/** @param {readonly number[]} numbers */
const u16 = (...numbers) => Buffer.from(Uint16Array.from(numbers).buffer);
/** @param {readonly number[]} numbers */
const u32 = (...numbers) => Buffer.from(Uint32Array.from(numbers).buffer);
/** @param {readonly bigint[]} numbers */
const u64 = (...numbers) => Buffer.from(BigUint64Array.from(numbers).buffer);
/** @param {bigint} number */
const u128 = (number) => u64(number & 0xffffffffffffffffn, number >> 64n);

/** @param {number} number @param {bigint} value @param {bigint} mask */
const field = (number, value, mask, range = 0) => Buffer.concat([u16(number, range), u32(0), u128(value), u128(mask)]);
/** @param {number} number @param {number} [argument] @param {bigint} [value] @param {Buffer} [payload] */
const action = (number, argument = 0, value = 0n, payload = Buffer.alloc(0)) =>
  Buffer.concat([u16(number, argument), u32(payload.length), u128(value), payload, Buffer.alloc((8 - (payload.length % 8)) % 8)]);

const output = action(0, 2);
const setField = action(2, 1, 0x020000000001n, u128(0xffffffffffffn));
/** @param {readonly Buffer[]} actions */
const writeActions = (...actions) => action(14, actions.length, 0n, Buffer.concat(actions));

/** @typedef {{ id: number, slot?: number, table?: number, rank?: number }} Where */
/** @type {(code: number, where: Where, fields?: readonly Buffer[], actions?: readonly Buffer[]) => Buffer} */
const rule = (code, { id, slot = 1, table = 0, rank = 100 }, fields = [], actions = []) =>
  Buffer.concat([u32(code, id, slot, rank, table), u16(fields.length, actions.length), ...fields, ...actions]);
/** @param {Where} where @param {readonly Buffer[]} [fields] @param {readonly Buffer[]} [actions] */
const add = (where, fields = [], actions = [output]) => rule(2, where, fields, actions);
const bucket = (weight = 1, port = 0, group = 0xffffffff, actions = [output]) =>
  Buffer.concat([u32(weight, port, group), u16(actions.length, 0), ...actions]);
/** @param {number} number @param {number} type @param {readonly Buffer[]} buckets */
const group = (number, type, ...buckets) => Buffer.concat([u32(4, number), u8(type, 0), u16(buckets.length), ...buckets]);
/** @param {number} number @param {number} kind */
const meter = (number, kind) =>
  Buffer.concat([u32(6, number), u8(kind, 0, 2, 10, 1, 0), u16(0), u64(1000000n, 2000n, 2000000n, 3000n)]);
/** @param {number} zone @param {number} flags @param {number} [family] @param {string} [address] */
const conntrack = (zone, flags, family = 0, address = '') => {
  const text = Buffer.from(address.padEnd(32, '0'), 'hex');
  const marks = (flags & 1) === 0 ? u32(0, 0) : u32(5, 0xff);
  return Buffer.concat([u16(zone), u8(flags, family), marks, u16(0, 0), u32(0), u8(0, 0, 0, 0), Buffer.alloc(32), text, text]);
};
/** @param {number} id @param {number} [slot] @param {number} [table] */
const remove = (id, slot = 1, table = 0) => u32(1, id, slot, table);

/** @param {readonly Buffer[]} operations */
const transaction = (...operations) => Buffer.concat([u32(magic, operations.length), ...operations]);
/** @param {Buffer} first */
const input = (first, second = Buffer.alloc(0)) => Buffer.concat([u16(first.length), first, second]);

const ipv4 = [field(3, 0x800n, 0xffffn), field(10, 0x0a000000n, 0xff000000n)];
const ports = [...ipv4, field(8, 6n, 0xffn), field(14, 1000n, 2000n, 1)];

/** @returns {Map<string, Buffer>} */
export function decodeInputs() {
  const one = transaction(add({ id: 1 }, ipv4));
  const groups = transaction(group(1, 1, bucket(1), bucket(2)), add({ id: 1 }, [], [action(7, 0, 1n)]));
  const meters = transaction(meter(1, 0), add({ id: 1 }, [], [action(8, 0, 1n), output]));
  return new Map(
    Object.entries({
      empty: input(transaction()),
      rule: input(one),
      removal: input(one, transaction(remove(1))),
      modification: input(one, transaction(remove(1), add({ id: 1 }, ports))),
      ranges: input(transaction(add({ id: 1 }, ports), add({ id: 2, rank: 7 }, ipv4))),
      steering: input(transaction(rule(3, { id: 1, slot: 2 }, [field(0, 1n, 0xffffn)])), transaction(remove(1, 0xffff))),
      tables: input(transaction(add({ id: 1 }, [], [action(12, 1)]), add({ id: 2, table: 1 }, ipv4))),
      sets: input(transaction(add({ id: 1 }, [], [setField, action(3), action(5, 0x8100), action(6), output]))),
      written: input(transaction(add({ id: 1 }, [], [writeActions(setField, output), action(15)]))),
      metadata: input(transaction(add({ id: 1 }, [], [action(13, 0, (0xffn << 64n) | 1n), action(12, 3)]))),
      mirror: input(transaction(add({ id: 1 }, [], [action(9, 3, (64n << 32n) | 10n), action(4, 0, 1n), action(1, 1)]))),
      encap: input(
        transaction(add({ id: 1 }, [], [action(10, 0, 0n, Buffer.from(`01000000b51240000400${'00'.repeat(54)}`, 'hex'))])),
      ),
      decap: input(transaction(add({ id: 1 }, [], [action(11, 1, 2n, u32(1, 2)), output]))),
      conntrack: input(
        transaction(
          add(
            { id: 1 },
            [field(38, 0x21n, 0x21n), field(40, 5n, 0xffffffffn)],
            [action(16, 0, 0n, conntrack(3, 7, 4, '0a000001')), output],
          ),
          add({ id: 2 }, ipv4, [action(16, 0, 0n, conntrack(3, 2)), action(12, 1)]),
        ),
      ),
      groups: input(groups, transaction(u32(5, 1))),
      failover: input(transaction(group(1, 2, bucket(0, 1), bucket(0, 2)), group(2, 0, bucket(1, 0, 1, [action(7, 0, 1n)])))),
      groupGone: input(groups, transaction(remove(1), u32(5, 1))),
      meters: input(meters, transaction(meter(1, 2), meter(2, 1))),
      meterGone: input(meters, transaction(remove(1), u32(7, 1))),
    }),
  );
}
