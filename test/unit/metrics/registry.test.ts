import test from 'ava';
import { dropReasons } from '../../../src/model/drop.js';
import { generation } from '../../../src/model/ids.js';
import { createMetrics } from '../../../src/metrics/registry.js';
import { uplinkLabel, type MetricsSource } from '../../../src/metrics/source.js';
import { ledgerFaults } from '../../../src/model/usage-record.js';
import { price } from '../../../src/pricing/price.js';
import { upkeepCounters } from '../../support/snapshot.js';
import { tariffOf, usageOf } from '../../support/tariffs.js';
import { startFakeSwitch } from '../../support/fake-switch.js';

async function scrape(
  turn: (counters: Map<string, bigint>, connections: Map<string, bigint>) => void,
  change: Partial<MetricsSource> = {},
) {
  const { dataPlane, native } = await startFakeSwitch();
  turn(native.counters, native.ctCounts);
  let readings = 0;
  const metrics = createMetrics({
    snapshot: () => {
      readings++;
      return dataPlane.snapshot();
    },
    upkeepOf: (slot) => upkeepCounters(slot === 1 ? { memoryByteSeconds: 8n, transactionMicros: 1_500_000n } : {}),
    tenants: () => [
      { slot: 0, name: uplinkLabel },
      { slot: 1, name: 'red' },
    ],
    ports: () => [{ number: 1, name: 'up', link: { up: true, speedMbps: 0, fullDuplex: true } }],
    flows: () => ({
      generation: generation(7n),
      byOwner: new Map([
        ['operator', 2],
        ['tenant:red', 3],
      ]),
    }),
    tables: () => [{ tenant: 'red', table: 1, rules: 4, lookups: 9n, matches: 6n, timed: 5n, cycles: 450n }],
    groups: () => [{ owner: 'operator', count: 2, counters: { packets: 5n, bytes: 500n } }],
    meters: () => [{ owner: 'tenant:red', count: 1, counters: { packets: 3n, bytes: 300n, green: 1n, yellow: 0n, red: 2n } }],
    conntrack: () =>
      dataPlane.conntrack
        .counters()
        .slice(0, 2)
        .map((counters, i) => ({ tenant: i === 0 ? uplinkLabel : 'red', counters })),
    ledger: () => ({
      position: { sequence: 40, hash: '', toMs: 0, bytes: 4096 },
      failures: new Map([['disk_full', 3]]),
      clockJumps: 1,
      pendingMs: 2500,
    }),
    export: () => undefined,
    plugins: () => [],
    bills: () => [],
    version: '0.1.0',
    dpdkVersion: 'fake',
    ...change,
  });
  const text = await metrics.text();
  const lines = new Map(
    text
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
  return { metrics, lines, text, readings: () => readings };
}

test.serial('counters are the data plane’s own, by tenant, stage, reason, port and worker', async (t) => {
  const { lines } = await scrape((counters) => {
    counters.set('tenant:1:rx_packets', 10n).set('tenant:1:cycles_match', 500n).set('tenant:1:drop_policy_refused', 3n);
    counters.set('tenant:0:drop_unknown_destination', 4n).set('port:1:tx_bytes', 9000n).set('worker:0:idle', 77n);
  });
  t.is(lines.get('vswitch_tenant_rx_packets_total{tenant="red"}'), 10);
  t.is(lines.get('vswitch_tenant_cycles_total{tenant="red",stage="match"}'), 500);
  t.is(lines.get('vswitch_tenant_drops_total{tenant="red",reason="policy_refused"}'), 3);
  t.is(lines.get('vswitch_tenant_drops_total{tenant="(uplink)",reason="unknown_destination"}'), 4);
  t.is(lines.get('vswitch_tenant_memory_byte_seconds_total{tenant="red"}'), 8);
  t.is(lines.get('vswitch_tenant_transaction_seconds_total{tenant="red"}'), 1.5);
  t.is(lines.get('vswitch_port_tx_bytes_total{port="up"}'), 9000);
  t.is(lines.get('vswitch_worker_cycles_total{worker="0",core="0",kind="idle"}'), 77);
  t.is(lines.get('vswitch_port_link_up{port="up"}'), 1);
  t.is(lines.get('vswitch_flows{owner="tenant:red"}'), 3);
  t.is(lines.get('vswitch_flow_generation'), 7);
  t.is(lines.get('vswitch_table_rules{tenant="red",table="1"}'), 4);
  t.is(lines.get('vswitch_table_lookups_total{tenant="red",table="1"}'), 9);
  t.is(lines.get('vswitch_table_matches_total{tenant="red",table="1"}'), 6);
  t.is(lines.get('vswitch_table_timed_total{tenant="red",table="1"}'), 5);
  t.is(lines.get('vswitch_table_cycles_total{tenant="red",table="1"}'), 450);
  t.is(lines.get('vswitch_groups{owner="operator"}'), 2);
  t.is(lines.get('vswitch_group_bytes_total{owner="operator"}'), 500);
  t.is(lines.get('vswitch_meter_packets_total{owner="tenant:red"}'), 3);
  t.is(lines.get('vswitch_meter_colour_packets_total{owner="tenant:red",colour="red"}'), 2);
});

test.serial('two scrapes do not add up, and each reads the counters once', async (t) => {
  const { metrics, readings } = await scrape((counters) => counters.set('tenant:1:rx_packets', 10n));
  const again = await metrics.text();
  t.true(again.includes('vswitch_tenant_rx_packets_total{tenant="red"} 10\n'));
  t.is(readings(), 2);
});

test.serial('every name has the prefix, every series bounded labels', async (t) => {
  const { lines } = await scrape(() => undefined);
  const names = [...lines.keys()].filter((name) => name !== '');
  t.true(
    names.every((name) => name.startsWith('vswitch_')),
    names.find((name) => !name.startsWith('vswitch_')) ?? '',
  );
  t.is(names.filter((name) => name.startsWith('vswitch_tenant_drops_total')).length, 2 * dropReasons.length);
});

test.serial('connections are told by tenant, and what was refused or invalid by cause', async (t) => {
  const { lines } = await scrape((_, connections) => {
    connections.set('1/created', 9n).set('1/entries', 4n).set('1/half_open', 1n).set('1/evicted', 2n);
    connections.set('1/zone_full', 3n).set('1/invalid_window', 5n).set('0/nat_exhausted', 6n);
  });
  t.is(lines.get('vswitch_conntrack_created_total{tenant="red"}'), 9);
  t.is(lines.get('vswitch_conntrack_entries{tenant="red"}'), 4);
  t.is(lines.get('vswitch_conntrack_half_open{tenant="red"}'), 1);
  t.is(lines.get('vswitch_conntrack_ended_total{tenant="red",how="evicted"}'), 2);
  t.is(lines.get('vswitch_conntrack_refused_total{tenant="red",cause="zone_full"}'), 3);
  t.is(lines.get('vswitch_conntrack_invalid_total{tenant="red",cause="window"}'), 5);
  t.is(lines.get('vswitch_conntrack_refused_total{tenant="(uplink)",cause="nat_exhausted"}'), 6);
});

test.serial('the usage ledger: where it stands, and every fault by its name', async (t) => {
  const { lines } = await scrape(() => undefined);
  t.is(lines.get('vswitch_ledger_sequence'), 40);
  t.is(lines.get('vswitch_ledger_bytes'), 4096);
  t.is(lines.get('vswitch_ledger_pending_seconds'), 2.5);
  t.is(lines.get('vswitch_clock_jumps_total'), 1);
  const faults = [...lines].filter(([name]) => name.startsWith('vswitch_ledger_failures_total'));
  t.deepEqual(faults.length, ledgerFaults.length);
  t.deepEqual(
    faults.filter(([, count]) => count > 0),
    [['vswitch_ledger_failures_total{fault="disk_full"}', 3]],
  );
});

test.serial('bills by tenant and item; how far the export is, and why it failed', async (t) => {
  const { lines } = await scrape(() => undefined, {
    bills: () => [{ tenant: 'red', bill: price(usageOf({ packets: 2_000_000n }), tariffOf({ perMillionPacketsMicro: 7 })) }],
    ledger: () => ({ position: { sequence: 50, hash: '', toMs: 0, bytes: 0 }, failures: new Map(), clockJumps: 0, pendingMs: 0 }),
    export: () => ({ events: 9, failures: new Map([['refused', 3]]), missed: 1, position: 42, lastSuccessMs: 5000 }),
  });
  t.is(lines.get('vswitch_tenant_bill_micro{tenant="red",item="packets",currency="EUR"}'), 14);
  t.is(lines.get('vswitch_export_events_total'), 9);
  t.is(lines.get('vswitch_export_missed_records_total'), 1);
  t.is(lines.get('vswitch_export_failures_total{fault="refused"}'), 3);
  t.is(lines.get('vswitch_export_failures_total{fault="unreachable"}'), 0);
  t.is(lines.get('vswitch_export_lag_records'), 8);
  t.is(lines.get('vswitch_export_last_success_timestamp_seconds'), 5);
});

test.serial('plugins: what their process costs, what they do, and in which state each is', async (t) => {
  const { lines } = await scrape(() => undefined, {
    plugins: () => [
      {
        tenant: 'red',
        cpuMs: 2500,
        residentBytes: 70_000_000,
        punt: { punted: 9n, puntedBytes: 900n, resumed: 5n, output: 2n, refused: 1n },
        plugins: [{ name: 'echo', state: 'waiting', restarts: 3, handled: 8, errors: 1, metrics: [{ name: 'hits', value: 4 }] }],
      },
    ],
  });
  t.is(lines.get('vswitch_plugin_cpu_seconds_total{tenant="red"}'), 2.5);
  t.is(lines.get('vswitch_plugin_resident_bytes{tenant="red"}'), 70_000_000);
  t.is(lines.get('vswitch_plugin_punted_packets_total{tenant="red"}'), 9);
  t.is(lines.get('vswitch_plugin_resumed_packets_total{tenant="red"}'), 5);
  t.is(lines.get('vswitch_plugin_output_packets_total{tenant="red"}'), 2);
  t.is(lines.get('vswitch_plugin_refused_packets_total{tenant="red"}'), 1);
  t.is(lines.get('vswitch_plugin_state{tenant="red",plugin="echo",state="waiting"}'), 1);
  t.is(lines.get('vswitch_plugin_state{tenant="red",plugin="echo",state="running"}'), 0);
  t.is(lines.get('vswitch_plugin_restarts_total{tenant="red",plugin="echo"}'), 3);
  t.is(lines.get('vswitch_plugin_handled_packets_total{tenant="red",plugin="echo"}'), 8);
  t.is(lines.get('vswitch_plugin_errors_total{tenant="red",plugin="echo"}'), 1);
  t.is(lines.get('vswitch_plugin_value{tenant="red",plugin="echo",metric="hits"}'), 4);
});
