import test from 'ava';
import { deviceTxPackets, oursConfig, reportedTscHz } from '../../../bench/ours.js';
import { parseTscHz, parseTxPackets } from '../../../bench/peers/ovs-output.js';
import { countStatistics, parsePortTxPackets } from '../../../bench/peers/testpmd-output.js';
import { Value } from 'typebox/value';
import { configSchema } from '../../../src/config/schema.js';

test("ovs-ofctl's answer has the packets that a port sent", (t) => {
  const answer = `OFPST_PORT reply (xid=0x2): 1 ports
  port  2: rx pkts=7, bytes=0, drop=0, errs=0, frame=?, over=?, crc=?
           tx pkts=410930839, bytes=0, drop=0, errs=0, coll=?
`;
  t.is(parseTxPackets(answer), 410930839n);
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

test('our generated config keeps to the schema, for both wirings', (t) => {
  const workload = {
    directory: '/tmp',
    capture: '/tmp/flows.pcap',
    flows: 1000,
    rule: { ipv4Dst: '10.0.0.0/16', ethSrc: '02:00:00:00:00:12', ethDst: '02:00:00:00:00:11' },
    workerCore: 1,
    housekeepingCore: 0,
    memoryMib: 512,
  };
  const measured = oursConfig(workload, { kind: 'measure' }, '/tmp/api.sock');
  const proven = oursConfig(workload, { kind: 'prove', sinkFile: '/tmp/out.pcap' }, '/tmp/api.sock');
  t.deepEqual([...Value.Errors(configSchema, measured)], []);
  t.deepEqual([...Value.Errors(configSchema, proven)], []);
  t.is(measured.ports['sink']?.type, 'null');
  t.is(proven.ports['sink']?.type, 'pcap');
});
