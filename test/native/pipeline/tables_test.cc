// A packet's way through several tables, with action sets, groups and meters (OpenFlow 1.3.5, section 5).
#include <doctest/doctest.h>

#include "support/bench_ports.h"
#include "support/packets.h"
#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

const std::string kPlain = to_hex(hex(kUdp4));

std::string to_mac(const std::string& mac) { return mac + kPlain.substr(12); }

std::vector<Sent> run(Bench& bench, std::vector<Rule> rules) {
  REQUIRE(!bench.install(std::move(rules)));
  return bench.run(2, {hex(kUdp4)});
}

GroupSpec group(uint32_t number, GroupType type, std::vector<std::vector<Action>> buckets) {
  GroupSpec spec;
  spec.number = number;
  spec.type = type;
  for (auto& actions : buckets) spec.buckets.push_back({1, 0, UINT32_MAX, std::move(actions)});
  return spec;
}

Transaction put_group(GroupSpec spec, std::vector<Rule> rules = {}) {
  Transaction transaction;
  transaction.put_groups.push_back(std::move(spec));
  transaction.add = std::move(rules);
  return transaction;
}

}  // namespace

TEST_CASE("goto_table continues with the packet as it is then") {
  Bench bench;
  const std::vector<Sent> changed =
      run(bench, {rule(0, 1, 1, {}, {set_dst(0x0a), go_to(3)}), in_table(3, rule(1, 1, 1, {{"eth_dst", 0x0a}}, {output(3)}))});
  CHECK(changed == std::vector<Sent>{{3, to_mac("00000000000a")}});
  const std::vector<Sent> missed =
      run(bench, {rule(0, 1, 1, {}, {go_to(63)}), in_table(63, rule(1, 1, 1, {{"eth_dst", 0x0a}}, {output(3)}))});
  CHECK(missed.empty());
  CHECK(bench.drops(1, DropReason::table_miss) == 1);
  CHECK(bench.counters().tables[1][63].lookups.read() == 1);
  CHECK(bench.counters().tables[1][63].matches.read() == 0);
  CHECK(bench.counters().tables[1][3].matches.read() == 1);
  CHECK(bench.counters().tables[1][63].cycles.read() != 0);
  CHECK(bench.counters().tables[1][62].cycles.read() == 0);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("metadata and tunnel_id go with the packet from table to table") {
  Bench bench;
  CHECK(run(bench, {rule(0, 1, 1, {}, {set_field("tunnel_id", 77), write_metadata(0x1200, 0xff00), go_to(1)}),
                    in_table(1, rule(1, 1, 1, {{"metadata", 0x1200}, {"tunnel_id", 77}},
                                     {set_dst(0x0b), write_metadata(0x34, 0xff), go_to(2)})),
                    in_table(2, rule(2, 1, 1, {{"metadata", 0x1234}, {"tunnel_id", 77}}, {output(3)}))}) ==
        std::vector<Sent>{{3, to_mac("00000000000b")}});
}

TEST_CASE("an output before goto_table is not undone by a miss, nor counted as a drop") {
  Bench bench;
  CHECK(run(bench, {rule(0, 1, 1, {}, {output(3), go_to(1)})}) == std::vector<Sent>{{3, kPlain}});
  CHECK(bench.drops(1, DropReason::table_miss) == 0);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("the action set is done at the end, later writes in the place of earlier ones") {
  Bench bench;
  CHECK(run(bench, {rule(0, 1, 1, {}, {write_actions({output(1), set_dst(0x0a), set_src(0x0c)}), go_to(1)}),
                    in_table(1, rule(1, 1, 1, {{"eth_type", 0x0800}}, {write_actions({set_dst(0x0b), output(3)})}))}) ==
        std::vector<Sent>{{3, "00000000000b00000000000c" + kPlain.substr(24)}});
  CHECK(run(bench, {rule(0, 1, 1, {}, {write_actions({output(1)}), go_to(1)}),
                    in_table(1, rule(1, 1, 1, {}, {act(ActionKind::clear_actions)}))})
            .empty());
  CHECK(bench.drops(1, DropReason::rule_drop) == 1);
  // What a rule outputs at once goes out as well.
  CHECK(run(bench, {rule(0, 1, 1, {}, {output(3), write_actions({output(1)})})}) == std::vector<Sent>{{1, kPlain}, {3, kPlain}});
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("flood goes to the tenant's other ports") {
  Bench bench;
  CHECK(run(bench, {rule(0, 1, 1, {}, {output(kFlood)})}) == std::vector<Sent>{{3, kPlain}});
  CHECK(run(bench, {rule(0, 1, 1, {}, {output(kFlood), set_dst(0x0a), output(kInPort)})}) ==
        std::vector<Sent>{{2, to_mac("00000000000a")}, {3, kPlain}});
}

TEST_CASE("a group of all buckets gives each a copy, and leaves the packet as it was") {
  Bench bench;
  REQUIRE(!bench.install({}));
  REQUIRE(!bench.apply(put_group(group(7, GroupType::all, {{set_dst(0x0a), output(3)}, {output(1)}, {}}),
                                 {rule(0, 1, 1, {}, {to_group(7), output(kInPort)})})));
  CHECK(bench.run(2, {hex(kUdp4)}) == std::vector<Sent>{{1, kPlain}, {2, kPlain}, {3, to_mac("00000000000a")}});
  CHECK(bench.drops(1, DropReason::rule_drop) == 1);  // the bucket without output
  CHECK(bench.counters().groups[7].packets.read() == 1);
  CHECK(bench.counters().groups[7].bytes.read() == hex(kUdp4).size());
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("groups send to groups") {
  Bench bench;
  REQUIRE(!bench.install({}));
  REQUIRE(!bench.apply(put_group(group(1, GroupType::all, {{output(3)}}))));
  REQUIRE(!bench.apply(
      put_group(group(2, GroupType::all, {{set_dst(0x0a), to_group(1)}, {output(1)}}), {rule(0, 1, 1, {}, {to_group(2)})})));
  CHECK(bench.run(2, {hex(kUdp4)}) == std::vector<Sent>{{1, kPlain}, {3, to_mac("00000000000a")}});
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("fast failover takes the first bucket that is alive") {
  Bench bench;
  REQUIRE(!bench.install({}));
  GroupSpec spec = group(0, GroupType::ff, {{output(3)}, {output(1)}});
  spec.buckets[0].watch_port = 3;
  spec.buckets[1].watch_port = 1;
  REQUIRE(!bench.apply(put_group(spec, {rule(0, 1, 1, {}, {to_group(0)})})));
  CHECK(bench.run(2, {hex(kUdp4)}) == std::vector<Sent>{{3, kPlain}});
  bench.set_link(3, false);
  CHECK(bench.run(2, {hex(kUdp4)}) == std::vector<Sent>{{1, kPlain}});
  bench.set_link(1, false);
  CHECK(bench.run(2, {hex(kUdp4)}).empty());
  CHECK(bench.drops(1, DropReason::no_live_bucket) == 1);
  bench.set_link(3, true);
  CHECK(bench.run(2, {hex(kUdp4)}) == std::vector<Sent>{{3, kPlain}});
}

namespace {

// Packets of many flows from port 2: the last two bytes of the source address and the source port tell them apart.
Bytes flow_packet(uint32_t flow) {
  Bytes packet = hex(kUdp4);
  packet[28] = static_cast<uint8_t>(flow >> 8);
  packet[29] = static_cast<uint8_t>(flow);
  packet[34] = static_cast<uint8_t>(flow >> 3);
  return packet;
}

// Which of three buckets each flow takes: they set another destination each.
std::vector<int> buckets_of(Bench& bench, uint32_t flows) {
  std::vector<int> taken;
  for (uint32_t flow = 0; flow < flows; ++flow) {
    const auto sent = bench.run(2, {flow_packet(flow)});
    REQUIRE(sent.size() == 1);
    taken.push_back(sent[0].packet[11] - '0');
  }
  return taken;
}

GroupSpec select_of(std::vector<int> marks) {
  GroupSpec spec = group(0, GroupType::select, {});
  for (const int mark : marks) {
    spec.buckets.push_back({mark == 3 ? 2u : 1u,
                            static_cast<PortNumber>(mark == 2 ? 1 : 0),
                            UINT32_MAX,
                            {set_dst(static_cast<uint64_t>(mark)), output(3)}});
  }
  return spec;
}

}  // namespace

TEST_CASE("a select group spreads flows by weight, and moves only those of a bucket that is gone") {
  constexpr uint32_t kFlows = 2000;
  Bench bench;
  REQUIRE(!bench.install({}));
  REQUIRE(!bench.apply(put_group(select_of({1, 2, 3}), {rule(0, 1, 1, {}, {to_group(0)})})));
  const std::vector<int> all = buckets_of(bench, kFlows);
  const auto share = [&](int mark) { return static_cast<double>(std::count(all.begin(), all.end(), mark)) / kFlows; };
  CHECK(share(1) == doctest::Approx(0.25).epsilon(0.25));
  CHECK(share(2) == doctest::Approx(0.25).epsilon(0.25));
  CHECK(share(3) == doctest::Approx(0.5).epsilon(0.25));
  CHECK(buckets_of(bench, kFlows) == all);

  bench.set_link(1, false);  // bucket 2 watches it
  const std::vector<int> less = buckets_of(bench, kFlows);
  for (uint32_t flow = 0; flow < kFlows; ++flow) CHECK((all[flow] == 2 ? less[flow] != 2 : less[flow] == all[flow]));
  bench.set_link(1, true);
  REQUIRE(!bench.apply(put_group(select_of({2, 3}))));
  const std::vector<int> without = buckets_of(bench, kFlows);
  for (uint32_t flow = 0; flow < kFlows; ++flow) CHECK((all[flow] == 1 ? without[flow] != 1 : without[flow] == all[flow]));
}

TEST_CASE("a meter lets its burst through and drops what is over the rate") {
  Bench bench;
  REQUIRE(!bench.install({}));
  MeterSpec meter;
  meter.number = 5;
  meter.packets = true;
  meter.cir = 1;
  meter.cbs = 4;
  Transaction transaction;
  transaction.put_meters.push_back(meter);
  transaction.add = {rule(0, 1, 1, {}, {through_meter(5), output(3)})};
  REQUIRE(!bench.apply(std::move(transaction)));
  CHECK(bench.run(2, std::vector<Bytes>(10, hex(kUdp4))).size() == 4);
  CHECK(bench.drops(1, DropReason::meter_exceeded) == 6);
  const MeterCounters& counters = bench.counters().meters[5];
  CHECK(counters.packets.read() == 10);
  CHECK(counters.green.read() == 4);
  CHECK(counters.red.read() == 6);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("a meter re-marks what is over the rate") {
  Bench bench;
  REQUIRE(!bench.install({}));
  MeterSpec meter;
  meter.packets = true;
  meter.cir = 1;
  meter.cbs = 1;
  meter.red = MeterVerdict::dscp_remark;
  meter.red_dscp = 46;
  Transaction transaction;
  transaction.put_meters.push_back(meter);
  transaction.add = {rule(0, 1, 1, {}, {through_meter(0), output(3)})};
  REQUIRE(!bench.apply(std::move(transaction)));
  const auto sent = bench.run(2, {hex(kUdp4), hex(kUdp4)});
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].packet == kPlain);
  CHECK(sent[1].packet.substr(30, 2) == "b8");
  CHECK(bench.program().ports[2].plan.reads(kIpv4));  // because of the meter alone
}

TEST_CASE("the parser is planned from the tables that can be reached") {
  Bench bench;
  const std::vector<Rule> rules = {rule(0, 1, 1, {{"in_port", 2}}, {go_to(1)}),
                                   in_table(1, rule(1, 1, 1, {{"arp_op", 1}}, {output(3)})),
                                   in_table(2, rule(2, 1, 1, {{"ipv6_exthdr", 1}}, {output(3)}))};
  REQUIRE(!bench.install(rules));
  CHECK(bench.program().ports[2].plan.headers == (kArp | kEtherType));
  CHECK(bench.program().ports[2].because[static_cast<uint32_t>(HeaderBit::arp)] == 1);
  CHECK(bench.program().ports[3].plan.headers == 0);  // goto_table is for port 2 alone
}
