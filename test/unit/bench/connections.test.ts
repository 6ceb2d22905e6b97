import test from 'ava';
import { expectedOf } from '../../../bench/measure/expect.js';
import { rateOf } from '../../../bench/measure/connections.js';
import { expiryOf } from '../../../bench/measure/expiry.js';
import { ovsFlows } from '../../../bench/peers/ovs-rules.js';
import { answer, call, connectionsWork, securityGroup } from '../../../bench/rules/connections.js';
import { ipv4Frame } from '../../../bench/support/frames.js';

const ports = [
  { name: 'vm', capture: '/c' },
  { name: 'wire', capture: '/c' },
];

for (const nat of [false, true])
  test(`who was called may answer, and nobody else is let in${nat ? ', behind an address' : ''}`, (t) => {
    const { rules, proof = {} } = connectionsWork(100, { nat });
    const received = Object.entries(proof).flatMap(([port, frames]) => frames.map((frame) => ({ port, frame })));
    const outputs = expectedOf({ ports, rules }, received).map((set) => [...set].map((text) => text.split(' ')[0]).join());
    const half = (to: string): string[] => [...Array<string>(32).fill(to), ...Array<string>(32).fill('')];
    t.deepEqual(outputs, [...half('wire'), ...half('vm')]);
  });

test('behind an address ports stay as they are, and answers find back', (t) => {
  const { rules } = connectionsWork(1, { nat: true });
  const received = [
    { port: 'vm', frame: ipv4Frame(call(0)) },
    { port: 'wire', frame: ipv4Frame(answer(0, true)) },
  ];
  const [called, answered] = expectedOf({ ports, rules }, received).map((set) => Buffer.from([...set][0]!.split(' ')[1]!, 'hex'));
  t.deepEqual(called!.subarray(26, 38), ipv4Frame({ ...call(0), src: 0xc6336401 }).subarray(26, 38));
  t.deepEqual(answered!.subarray(26, 38), ipv4Frame(answer(0)).subarray(26, 38));
});

test('connections are different, and the same in every run', (t) => {
  const numbers = [...Array(50_000).keys()].map((i) => i * 80 + 1);
  t.is(new Set(numbers.map((i) => JSON.stringify(call(i)))).size, numbers.length);
  t.is(new Set(numbers.filter((i) => i < 2 ** 20).map((i) => call(i).dst)).size, numbers.filter((i) => i < 2 ** 20).length);
  t.deepEqual(connectionsWork(20), connectionsWork(20));
  const { sources, rules } = connectionsWork(10, { connections: 1000 });
  t.deepEqual(sources['vm']![9], ipv4Frame(call(900)));
  t.is(sources['wire']!.length, 10);
  t.is(rules.conntrack?.entries, 3024);
});

test('Open vSwitch goes on with what ct found in the table that ct names', (t) => {
  const lines = (nat: boolean) =>
    securityGroup(nat).flatMap((flow) =>
      ovsFlows(
        flow,
        new Map([
          ['vm', 1],
          ['wire', 2],
        ]),
      ),
    );
  t.is(lines(false)[0], 'priority=10,ip,ct_state=-trk,actions=ct(zone=1,table=1)');
  t.is(lines(true)[0], 'priority=10,ip,ct_state=-trk,actions=ct(zone=1,nat,table=1)');
  t.regex(lines(true)[2]!, /ct_state=\+new\+trk.*actions=ct\(commit,zone=1,nat\(src=198\.51\.100\.1\)\),.*output:2$/);
});

test('the rate of new connections leaves out how they begin and end', (t) => {
  const readings = [0, 50, 100, 300, 900, 1000].map((connections, i) => ({ connections, onCpuNs: i * 1e6 }));
  t.is(rateOf(readings, 1000), 400_000);
  t.throws(() => rateOf(readings.slice(0, 3), 1000), { message: /two looks/ });
});

test('what packets cost while connections go is theirs, and in the worst 50 ms', (t) => {
  // The number of connections, and microseconds of each packet before.
  const steps = [
    [500, 60],
    [1000, 60],
    [900, 60],
    [700, 1],
    [500, 90],
    [100, 60],
    [0, 900],
  ] as const;
  let [packets, onCpuNs] = [0, 0];
  const looks = steps.map(([connections, us], i) => {
    packets += 1000;
    onCpuNs += us * 1e6;
    return { connections, packets, onCpuNs, atMs: i * 10 };
  });
  // The look after 1 ms is no slice of its own.
  t.deepEqual(expiryOf(looks, 1000, 40_000), {
    nsPerPacket: 151_000 / 3,
    quietNsPerPacket: 40_000,
    worstNsPerPacket: 60_000,
    seconds: 0.03,
  });
  t.throws(() => expiryOf(looks.slice(0, 3), 1000, 100), { message: /two looks/ });
  t.throws(() => expiryOf(looks.slice(2), 1000, 100), { message: /while they came/ });
});
