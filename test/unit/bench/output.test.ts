import test from 'ava';
import { deviceRxPackets, deviceTxPackets, reportedTscHz, trackedConnections } from '../../../bench/ours.js';
import { oursConfig } from '../../../bench/ours-config.js';
import { parsePmdStats, parseRxPackets, parseTscHz, parseTxPackets } from '../../../bench/peers/ovs-output.js';
import { countStatistics, parsePortTxPackets } from '../../../bench/peers/testpmd-output.js';
import { vdev } from '../../../bench/peers/vdevs.js';
import { forward } from '../../../bench/rules/actions.js';
import { oneRule } from '../../../bench/rules/one.js';
import { Value } from 'typebox/value';
import { configSchema } from '../../../src/config/schema.js';

test("ovs-ofctl's answer has the packets that each port sent", (t) => {
  const answer = `OFPST_PORT reply (xid=0x2): 3 ports
  port LOCAL: rx pkts=1, bytes=0, drop=0, errs=0, frame=0, over=0, crc=0
           tx pkts=3, bytes=0, drop=0, errs=0, coll=0
  port  1: rx pkts=8, bytes=0, drop=0, errs=0, frame=?, over=?, crc=?
           tx pkts=5, bytes=0, drop=0, errs=0, coll=?
  port  2: rx pkts=7, bytes=0, drop=0, errs=0, frame=?, over=?, crc=?
           tx pkts=410930839, bytes=0, drop=0, errs=0, coll=?
`;
  t.deepEqual(
    [...parseTxPackets(answer)],
    [
      [1, 5n],
      [2, 410930839n],
    ],
  );
  t.is(parseRxPackets(answer).get(1), 8n);
  t.throws(() => parseTxPackets('ovs-ofctl: no port 9'), { message: /no port 9/ });
});

test("Open vSwitch's log has the TSC frequency", (t) => {
  t.is(parseTscHz('2026-11-23T09:57:43Z|00021|pmd_perf|INFO|DPDK provided TSC frequency: 2600000 KHz\n'), 2_600_000_000n);
  t.is(parseTscHz('nothing of the kind'), undefined);
});

const statistics = (port: number, sent: number) => `
  ######################## NIC statistics for port ${port}  ########################
  RX-packets: 0          RX-missed: 0          RX-bytes:  0
  RX-errors: 0
  RX-nombuf:  0
  TX-packets: ${sent}  TX-errors: 0          TX-bytes:  0

  Throughput (since last show)
  Rx-pps:            0          Rx-bps:            0
  Tx-pps:     72279141          Tx-bps:            0
`;

test("testpmd's last complete answer counts", (t) => {
  const output = statistics(1, 5) + statistics(1, 409502080);
  t.is(countStatistics(output), 2);
  t.is(parsePortTxPackets(output), 409502080n);
  t.is(parsePortTxPackets(output + statistics(1, 999).slice(0, 250)), 409502080n);
  t.throws(() => parsePortTxPackets('testpmd> '));
});

const openPort = {
  state: 'open',
  number: 2,
  name: 'sink',
  type: 'null',
  role: { kind: 'uplink' },
  driver: 'net_null',
  mac: '02:00:00:00:00:00',
  mtu: 1500,
  rxQueues: 1,
  txQueues: 2,
  offloads: { rx: [], tx: [] },
  link: { up: true, speedMbps: 10000, fullDuplex: true },
  device: {
    rxMissed: 0,
    rxErrors: 0,
    rxNoMbuf: 0,
    txErrors: 0,
    queues: [
      { rxPackets: 0, rxBytes: 0, txPackets: 40, txBytes: 0 },
      { rxPackets: 0, rxBytes: 0, txPackets: 2, txBytes: 0 },
    ],
  },
};

test('what our sink sent is the sum over its queues, as the device counts', (t) => {
  t.is(deviceTxPackets(openPort), 42n);
  t.throws(() => deviceTxPackets({ ...openPort, device: undefined }), { message: /not an open port/ });
});

test('without rules, what the device received counts', (t) => {
  const queues = openPort.device.queues.map((queue, i) => ({ ...queue, rxPackets: 40 - 38 * i }));
  t.is(deviceRxPackets({ ...openPort, device: { ...openPort.device, queues } }), 42n);
  t.throws(() => deviceRxPackets({}), { message: /not an open port/ });
});

test('connections are counted as the statistics say', (t) => {
  t.is(trackedConnections({ entries: 7, capacity: 9, memoryBytes: 0, tenants: [] }), 7);
  t.throws(() => trackedConnections({}), { message: /no entries/ });
});

test('a port that is not open is named with its fault', (t) => {
  const failed = {
    state: 'failed',
    number: 2,
    name: 'sink',
    type: 'null',
    role: { kind: 'uplink' },
    error: { code: 'PORT_FAILED', detail: 'step probe: busy', faults: [] },
  };
  t.throws(() => deviceTxPackets(failed), { message: /not an open port.*step probe: busy/ });
});

test('the usage answer has the TSC frequency', (t) => {
  t.is(reportedTscHz({ tscHz: 2_600_000_000, ports: [] }), 2_600_000_000n);
  t.throws(() => reportedTscHz({ tscHz: 0 }));
});

test('what went to the slow path is the sum over the polling threads', (t) => {
  const thread = (received: number, missed: number) => `pmd thread numa_id 0 core_id 1:
  packets received: ${received}
  packet recirculations: 0
  miss with success upcall: ${missed}
  miss with failed upcall: 1
`;
  t.deepEqual(parsePmdStats(thread(100, 3) + thread(20, 0)), { received: 120, missed: 5 });
});

const workload = {
  directory: '/tmp',
  ports: [{ name: 'source', capture: '/tmp/flows.pcap' }, { name: 'sink' }],
  counted: ['sink'],
  frames: 1000,
  rules: oneRule(1000, forward()).rules,
  workerCores: [1],
  housekeepingCore: 0,
  memoryMib: 512,
};

test('our generated config keeps to the schema, for both wirings', (t) => {
  const measured = oursConfig(workload, { kind: 'measure' }, '/tmp/api.sock');
  const proven = oursConfig(workload, { kind: 'prove', sinkFile: (port) => `/tmp/${port}.pcap` }, '/tmp/api.sock');
  t.deepEqual([...Value.Errors(configSchema, measured)], []);
  t.deepEqual([...Value.Errors(configSchema, proven)], []);
  t.deepEqual(measured.ports['sink'], { type: 'null', role: 'uplink' });
  const shared = oursConfig({ ...workload, ports: [{ name: 'sink', memif: '/tmp/s' }] }, { kind: 'measure' }, '/tmp/api.sock');
  t.deepEqual([...Value.Errors(configSchema, shared)], []);
  t.deepEqual(proven.ports['sink'], { type: 'pcap', role: 'uplink', txFile: '/tmp/sink.pcap' });
});

test('the devices of a port are those of its wiring', (t) => {
  const proving = { kind: 'prove', sinkFile: (port: string) => `/tmp/${port}.pcap` } as const;
  t.is(vdev({ name: 'sink' }, 1, { kind: 'measure' }), 'net_null1,no-rx=1');
  t.is(vdev({ name: 'a', capture: '/c' }, 0, { kind: 'measure' }), 'net_pcap0,rx_pcap=/c,infinite_rx=1');
  t.is(vdev({ name: 'sink' }, 1, proving), 'net_pcap1,tx_pcap=/tmp/sink.pcap');
  t.is(vdev({ name: 'a', memif: '/s' }, 0, { kind: 'measure' }), 'net_memif0,role=server,socket=/s,socket-abstract=no');
});
