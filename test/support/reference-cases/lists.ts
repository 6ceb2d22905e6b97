import fc from 'fast-check';
import type { ActionText } from '../../../src/model/action.js';
import { changes, decap, encap, mac, openChange, output, pop, push, setAny, structural, toGroup, track } from './actions.js';
import { has, valueOf, type Kind } from './matches.js';
import { tables } from './pools.js';

type List = fc.Arbitrary<ActionText[]>;

const nothing: List = fc.constant([]);
/** In so many of ten lists. */
const sometimes = (weight: number, list: List): List =>
  fc.oneof({ weight: 10 - weight, arbitrary: nothing }, { weight, arbitrary: list });
const one = (action: fc.Arbitrary<ActionText>): List => action.map((value) => [value]);

/** A tag on it, and off again. */
const tagging: List = fc
  .tuple(fc.array(setAny(['vlan_vid', 'vlan_pcp']), { maxLength: 2 }), fc.nat(2))
  .map(([sets, pops]) => [{ type: 'push_vlan' }, ...sets, ...Array.from({ length: pops }, () => pop)]);

/** In a set the old tag goes first. */
const retagging: List = push.map((pushed) => [pushed, pop]);

/** With what may be done to a packet of its kind, as which it is read again. */
const structuralOf = (kind: Kind): List => {
  const fields = structural.filter((name) => has(kind, name));
  return fc.tuple(setAny(fields), fc.array(changes(kind), { maxLength: 2 })).map(([first, rest]) => [first, ...rest]);
};

const back: ActionText = { type: 'output', port: 'in_port' };

/** What a router answers to packets of a kind. */
function reply(kind: Kind): List {
  if (kind.arp_op !== undefined) return mac.map((address) => [{ type: 'arp_reply', mac: address }, back]);
  if (kind.icmpv6_type === 135) return mac.map((address) => [{ type: 'nd_reply', mac: address }, back]);
  return kind.ip_proto === 1 || kind.ip_proto === 58 ? fc.constant([{ type: 'icmp_reply' }, back]) : nothing;
}

const unwrap = (kind: Kind): List =>
  kind.ip_proto === 17
    ? fc.tuple(decap, fc.array(openChange, { maxLength: 2 })).map(([first, rest]) => [first, ...rest])
    : nothing;

const metadata: fc.Arbitrary<ActionText> = valueOf('metadata').map((value) => ({ type: 'write_metadata', value }));

function instructions(kind: Kind, table: number): List {
  const later = tables.filter((next) => next > table).map((to): ActionText => ({ type: 'goto_table', table: to }));
  const again = tables.map((to): ActionText => ({ type: 'resubmit', table: to }));
  const plain = [changes(kind), output, output, toGroup, encap, decap].map(one);
  const member = kind.vlan_vid === undefined ? fc.oneof(...plain) : fc.oneof(...plain, retagging);
  const written = fc
    .array(member, { minLength: 1, maxLength: 4 })
    .map((lists): ActionText => ({ type: 'write_actions', actions: lists.flat() }));
  const parts = [
    sometimes(2, one(fc.constant({ type: 'clear_actions' }))),
    sometimes(3, one(written)),
    sometimes(3, one(metadata)),
    later.length === 0
      ? nothing
      : sometimes(
          6,
          one(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...later) }, { weight: 1, arbitrary: fc.constantFrom(...again) })),
        ),
  ];
  return fc.tuple(...parts).map((lists) => lists.flat());
}

/** The actions of a rule of a table for packets of a kind. */
export function actionsOf(kind: Kind, table: number): List {
  const parts: readonly List[] = [
    sometimes(1, one(fc.constant({ type: 'meter', meter: 1 }))),
    fc.array(changes(kind), { maxLength: 3 }),
    sometimes(1, one(output)),
    sometimes(2, tagging),
    sometimes(4, reply(kind)),
    sometimes(5, unwrap(kind)),
    sometimes(1, one(encap)),
    sometimes(2, structuralOf(kind)),
    sometimes(2, one(track)),
    fc.array(fc.oneof({ weight: 4, arbitrary: output }, { weight: 1, arbitrary: toGroup }), { maxLength: 2 }),
    sometimes(1, fc.array(changes(kind), { maxLength: 2 })),
    instructions(kind, table),
  ];
  const list = fc.tuple(...parts).map((lists) => lists.flat());
  const drop = fc.constantFrom<ActionText[]>([], [{ type: 'drop' }], [{ type: 'drop', reason: 'policy_refused' }]);
  return fc.oneof({ weight: 19, arbitrary: list }, { weight: 1, arbitrary: drop });
}
