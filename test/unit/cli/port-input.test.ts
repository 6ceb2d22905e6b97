import test from 'ava';
import { portConfigFrom } from '../../../src/cli/port-input.js';
import { VswitchError } from '../../../src/model/errors.js';

test('the schema says which values are numbers and booleans', (t) => {
  t.deepEqual(portConfigFrom('pcap', ['rxFile=/a.pcap', 'infinite=true', 'mtu=1500', 'role=uplink']), {
    type: 'pcap',
    rxFile: '/a.pcap',
    infinite: true,
    mtu: 1500,
    role: 'uplink',
  });
});

test('a name of digits stays a string', (t) => {
  t.deepEqual(portConfigFrom('tap', ['interface=7', 'tenant=2']), { type: 'tap', interface: '7', tenant: '2' });
});

test('what the schema refuses is sent as it is, for the switch to name', (t) => {
  t.deepEqual(portConfigFrom('tap', ['mtu=big', 'colour=red']), { type: 'tap', mtu: 'big', colour: 'red' });
});

test('a type that does not exist is refused with those that do', (t) => {
  const error = t.throws(() => portConfigFrom('dpdk', []), { instanceOf: VswitchError });
  t.true(error.faults[0]?.remedy?.includes('af_packet'));
});

for (const word of ['interface', '=x', 'a b=c', '']) {
  test(`not key=value: "${word}"`, (t) => {
    t.throws(() => portConfigFrom('tap', [word]), { instanceOf: VswitchError });
  });
}
