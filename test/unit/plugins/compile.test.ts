import test from 'ava';
import { VswitchError } from '../../../src/model/errors.js';
import { compileRules } from '../../../src/plugins/band/compile.js';
import { handlerNumber } from '../../../src/plugins/band/host-rule.js';
import type { PluginHeader } from '../../../src/plugins/sdk/headers.js';

const all: readonly PluginHeader[] = ['ethernet', 'ipv4', 'tcp'];
const compiled = (rule: unknown, index = 0, headers = all) => compileRules({ rules: [rule] }, { index, headers }).flows[0];

function refused(rules: readonly unknown[], headers = all, index = 1): [string, string[]] {
  try {
    compileRules({ rules }, { index, headers });
  } catch (error) {
    if (error instanceof VswitchError) return [error.code, error.faults.map(({ pointer }) => pointer)];
    throw error;
  }
  return ['', []];
}

test('each plugin has priorities of its own, the first the highest', (t) => {
  t.is(compiled({ actions: [] })?.priority, 15 * 4096 + 2048);
  t.is(compiled({ priority: 4095, actions: [] }, 15)?.priority, 4095);
  t.is(compiled({ priority: 0, actions: [] }, 0)?.priority, 15 * 4096);
  t.is(compiled({ priority: 4095, actions: [] }, 0)?.priority, 65535);
});

test('a rule is for packets that the plugin is not done with; the low half of metadata is its own', (t) => {
  t.deepEqual(compiled({ match: { eth_type: 2048 }, actions: [] })?.match, { eth_type: 2048, metadata: '0/0x100000000' });
  t.is(compiled({ match: { metadata: '0x5/0xf' }, actions: [] }, 3)?.match?.metadata, '0x5/0x80000000f');
  t.is(compiled({ match: { metadata: 7 }, actions: [] }, 3)?.match?.metadata, '0x7/0x8ffffffff');
  t.deepEqual(refused([{ match: { metadata: '0x100000000/0x100000000' }, actions: [] }]), [
    'FLOW_INVALID',
    ['/rules/0/match/metadata'],
  ]);
});

test('`continue` says that the plugin is done, and looks the packet up anew', (t) => {
  t.deepEqual(
    compiled({ actions: [{ type: 'set_field', field: 'eth_src', value: '02:00:00:00:00:01' }, { type: 'continue' }] }, 2)
      ?.actions,
    [
      { type: 'set_field', field: 'eth_src', value: '02:00:00:00:00:01' },
      { type: 'write_metadata', value: '0x700000000', mask: '0x700000000' },
      { type: 'resubmit', table: 0 },
    ] as never,
  );
  t.deepEqual(refused([{ actions: [{ type: 'continue' }, { type: 'dec_ttl' }] }]), ['FLOW_INVALID', ['/rules/0/actions/0']]);
});

test('what is looked up anew is none of the plugins before; its own bits are written with theirs', (t) => {
  const anew = (actions: readonly unknown[], index: number) => compiled({ actions }, index)?.actions;
  const resubmit = { type: 'resubmit', table: 0 } as const;
  t.deepEqual(anew([resubmit], 0), [resubmit]);
  t.deepEqual(anew([resubmit], 2), [{ type: 'write_metadata', value: '0x300000000', mask: '0x300000000' }, resubmit]);
  for (const own of [{ value: '5/0xf' }, { value: 5, mask: 15 }, { metadata: '0x5', metadata_mask: '0xf' }])
    t.deepEqual(anew([{ type: 'write_metadata', ...own }, { type: 'continue' }], 1), [
      { type: 'write_metadata', value: '0x300000005', mask: '0x30000000f' },
      resubmit,
    ]);
});

test('a plugin writes only its half of metadata, and punts only to itself', (t) => {
  t.deepEqual(
    refused([
      { actions: [{ type: 'write_metadata', value: '0x100000000/0x100000000' }] },
      { actions: [{ type: 'write_metadata', value: 5 }] },
      { actions: [{ type: 'set_field', field: 'metadata', value: '1/0xffffffffff' }] },
      { actions: [{ type: 'write_metadata', value: 5, mask: 0xff }] },
      { actions: [{ type: 'punt', handler: handlerNumber(0, 1) }] },
      { actions: [{ type: 'punt', handler: handlerNumber(1, 1) }] },
    ]),
    ['FLOW_INVALID', ['/rules/0/actions/0', '/rules/1/actions/0', '/rules/2/actions/0', '/rules/4/actions/0/handler']],
  );
});

test('what looks at an undeclared header is refused, each place named', (t) => {
  const rules = [
    { match: { eth_type: 2048, ip_proto: 17, udp_dst: 53 }, actions: [] },
    { match: { ipv4_dst: '10.0.0.1' }, actions: [{ type: 'set_field', field: 'ipv6_dst', value: 'fd00::1' }] },
    { actions: [{ type: 'push_vlan' }, { type: 'conntrack' }] },
  ];
  t.deepEqual(refused(rules), ['PLUGIN_HEADER', ['/rules/0/match/udp_dst', '/rules/1/actions/0/field', '/rules/2/actions/0']]);
});

test('what is no set of rules is refused by shape', (t) => {
  t.is(refused([{ actions: [{ type: 'fly' }] }])[0], 'FLOW_INVALID');
  t.is(refused([{ priority: 4096, actions: [] }])[0], 'FLOW_INVALID');
  t.is(refused([7])[0], 'FLOW_INVALID');
  t.throws(() => compileRules('rules', { index: 0, headers: all }), { instanceOf: VswitchError });
  t.throws(() => compileRules({ rules: [], groups: {} }, { index: 0, headers: all }), { instanceOf: VswitchError });
});
