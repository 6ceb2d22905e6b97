import fc from 'fast-check';
import type { ActionText } from '../../src/model/action.js';
import type { GroupText } from '../../src/model/group.js';
import type { MeterText } from '../../src/model/meter.js';
import { portNames } from './flow-arbitrary.js';

const port = fc.constantFrom(...portNames);
const actions = fc.array(
  fc.oneof(
    port.map((to): ActionText => ({ type: 'output', port: to })),
    fc.nat(9).map((group): ActionText => ({ type: 'group', group: group + 100 })),
    fc.constantFrom<ActionText>({ type: 'pop_vlan' }, { type: 'dec_ttl' }, { type: 'set_field', field: 'tcp_dst', value: 80 }),
  ),
  { maxLength: 3 },
);
const weight = fc.nat(65535);
const watch = fc.oneof(
  port.map((name) => ({ watch_port: name })),
  fc.nat(9).map((group) => ({ watch_group: group + 100 })),
);

/** A group of a number below 100, of the lab's ports. */
export const groupText: fc.Arbitrary<GroupText> = fc.nat(99).chain((group) =>
  fc.oneof(
    fc.array(fc.record({ actions }), { maxLength: 4 }).map((buckets): GroupText => ({ group, type: 'all', buckets })),
    actions.map((list): GroupText => ({ group, type: 'indirect', buckets: [{ actions: list }] })),
    fc
      .array(fc.tuple(watch, actions), { maxLength: 4 })
      .map((list): GroupText => ({ group, type: 'ff', buckets: list.map(([by, does]) => ({ ...by, actions: does })) })),
    fc
      .tuple(
        fc.constantFrom('five_tuple' as const, 'symmetric' as const),
        fc.array(fc.record({ weight, actions }, { requiredKeys: ['actions'] }), { maxLength: 4 }),
      )
      .map(([hash, buckets]): GroupText => ({ group, type: 'select', hash, buckets })),
  ),
);

const rate = fc.integer({ min: 1, max: 0xffff_ffff });
const unit = fc.constantFrom('kbps' as const, 'pktps' as const);
const verdict = (colour: 'yellow' | 'red') =>
  fc.oneof(
    fc.constant({}),
    fc.constantFrom('pass', 'drop').map((does) => ({ [colour]: does })),
    fc.nat(63).map((dscp) => ({ [colour]: 'dscp_remark', [`${colour}_dscp`]: dscp })),
  );
const remark = fc.record(
  { type: fc.constant('dscp_remark' as const), rate, burst_size: rate, dscp: fc.nat(63) },
  { requiredKeys: ['type', 'rate', 'dscp'] },
);
const drop = fc.record({ type: fc.constant('drop' as const), rate, burst_size: rate }, { requiredKeys: ['type', 'rate'] });
const bands = fc.oneof(
  fc.tuple(fc.oneof(remark, drop)),
  fc.tuple(remark, drop).filter(([one, other]) => one.rate < other.rate),
  fc.tuple(drop, remark).filter(([one, other]) => one.rate > other.rate),
);

/** A meter in any of its forms. */
export const meterText: fc.Arbitrary<MeterText> = fc.tuple(fc.integer({ min: 1, max: 0xffff_0000 }), unit).chain(([meter, of]) =>
  fc.oneof(
    bands.map((list): MeterText => ({ meter, unit: of, bands: list })),
    fc
      .oneof(
        fc.record({ kind: fc.constant('srtcm'), cir: rate, cbs: rate, ebs: rate }, { requiredKeys: ['kind', 'cir', 'cbs'] }),
        fc
          .tuple(rate, rate, rate, rate)
          .map(([a, b, cbs, pbs]) => ({ kind: 'trtcm', cir: Math.min(a, b), pir: Math.max(a, b), cbs, pbs })),
        fc.record({ kind: fc.constant('trtcm_rfc4115'), cir: rate, cbs: rate, eir: rate, ebs: rate }),
      )
      .chain((form) => fc.tuple(verdict('yellow'), verdict('red')).map(([yellow, red]) => ({ ...form, ...yellow, ...red })))
      .map((form) => ({ meter, unit: of, ...form }) as MeterText),
  ),
);
