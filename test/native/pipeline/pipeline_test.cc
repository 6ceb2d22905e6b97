#include "pipeline/pipeline.h"

#include <doctest/doctest.h>

#include "support/bench_ports.h"
#include "support/fields.h"
#include "support/packets.h"
#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

std::string replaced(const std::string& packet, size_t at, const std::string& digits) {
  std::string text = to_hex(hex(packet));
  return text.replace(at * 2, digits.size(), digits);
}

const std::string kPlain = to_hex(hex(kUdp4));
// TTL 63: the checksum rises by 0x0100 (RFC 1624).
const std::string kTtl63 = replaced(replaced(kUdp4, 22, "3f"), 24, "67cf");
const std::string kTtl1 = replaced(replaced(kUdp4, 22, "01"), 24, "a5cf");

struct Record {
  const char* about;
  std::vector<Action> actions;  // of the one rule of slot 1, which matches everything
  std::string packet;           // from port 2
  std::vector<Sent> sent;
  int drop;  // DropReason, or -1
};

constexpr int kNone = -1;
constexpr int reason(DropReason drop) { return static_cast<int>(drop); }

const Record kRecords[] = {
    {"output", {output(3)}, kPlain, {{3, kPlain}}, kNone},
    {"output to several: a copy for each", {output(3), output(1)}, kPlain, {{1, kPlain}, {3, kPlain}}, kNone},
    {"what follows an output is not in its packet",
     {output(1), set_dst(0x0a), output(3)},
     kPlain,
     {{1, kPlain}, {3, replaced(kPlain, 0, "00000000000a")}},
     kNone},
    {"what follows the last output changes nothing", {output(3), set_dst(0x0a)}, kPlain, {{3, kPlain}}, kNone},
    {"set_field of both addresses",
     {set_src(0x020000000003), set_dst(0x020000000004), output(3)},
     kPlain,
     {{3, replaced(kPlain, 0, "020000000004020000000003")}},
     kNone},
    {"the last of two set_field wins",
     {set_src(1), set_src(2), output(3)},
     kPlain,
     {{3, replaced(kPlain, 6, "000000000002")}},
     kNone},
    {"dec_ttl of IPv4, with its checksum", {kDecTtl, output(3)}, kPlain, {{3, kTtl63}}, kNone},
    {"dec_ttl of IPv6", {kDecTtl, output(3)}, to_hex(hex(kUdp6)), {{3, replaced(kUdp6, 21, "3f")}}, kNone},
    {"dec_ttl at 1", {kDecTtl, output(3)}, kTtl1, {}, reason(DropReason::ttl_expired)},
    {"dec_ttl of what is not IP", {kDecTtl, output(3)}, kArpRequest, {}, reason(DropReason::action_without_header)},
    {"no action", {}, kPlain, {}, reason(DropReason::rule_drop)},
    {"no output", {set_dst(1), kDecTtl}, kPlain, {}, reason(DropReason::rule_drop)},
    {"drop",
     {act(ActionKind::drop, static_cast<uint16_t>(DropReason::policy_refused))},
     kPlain,
     {},
     reason(DropReason::policy_refused)},
    {"output to the port it came from", {output(2)}, kPlain, {}, reason(DropReason::output_is_ingress)},
    {"the same, asked for", {output(kInPort)}, kPlain, {{2, kPlain}}, kNone},
    {"output to a port that is not there", {output(9)}, kPlain, {}, reason(DropReason::output_port_gone)},
    {"one of two outputs is not there", {output(9), output(3)}, kPlain, {{3, kPlain}}, reason(DropReason::output_port_gone)},
    {"arp_reply",
     {act(ActionKind::arp_reply, 0, 0x0200000000fe), output(kInPort)},
     kArpRequest,
     {{2, to_hex(hex("020000000002 0200000000fe 0806 0001080006040002 0200000000fe 0a0000fe 020000000002 0a000001"))}},
     kNone},
    {"arp_reply to what is not ARP",
     {act(ActionKind::arp_reply, 0, 1), output(kInPort)},
     kPlain,
     {},
     reason(DropReason::action_without_header)},
    {"more actions than fit in a line",
     {set_dst(1), kDecTtl, set_src(2), kDecTtl, output(1), set_dst(3), output(3)},
     replaced(kTtl63, 22, "41"),
     {{1, replaced(replaced(kTtl63, 22, "3f"), 0, "000000000001000000000002").replace(48, 4, "69cf")},
      {3, replaced(replaced(kTtl63, 22, "3f"), 0, "000000000003000000000002").replace(48, 4, "69cf")}},
     kNone},
    {"a runt", {output(3)}, "0200000000010200000000", {}, reason(DropReason::runt_frame)},
    {"malformed where a rule needs the header",
     {kDecTtl, output(3)},
     replaced(kPlain, 14, "44"),
     {},
     reason(DropReason::malformed_header)},
    {"malformed where none does", {output(3)}, replaced(kPlain, 14, "44"), {{3, replaced(kPlain, 14, "44")}}, kNone},
};

uint64_t all_drops(const Bench& bench, TenantSlot slot) {
  uint64_t sum = 0;
  for (const Counter& counter : bench.counters().tenants[slot].drops) sum += counter.read();
  return sum;
}

}  // namespace

TEST_CASE("what actions make of a packet") {
  Bench bench;
  for (const Record& record : kRecords) {
    CAPTURE(record.about);
    REQUIRE(!bench.install({rule(0, 1, 1, {}, record.actions)}));
    const uint64_t before = all_drops(bench, 1);
    const uint64_t before_reason = record.drop == kNone ? 0 : bench.drops(1, static_cast<DropReason>(record.drop));
    CHECK(bench.run(2, {hex(record.packet)}) == record.sent);
    CHECK(all_drops(bench, 1) - before == (record.drop == kNone ? 0 : 1));
    if (record.drop != kNone) CHECK(bench.drops(1, static_cast<DropReason>(record.drop)) == before_reason + 1);
    CHECK(bench.buffers_in_use() == 0);
  }
}

TEST_CASE("a packet of an uplink goes to the tenant that steering says, and meets only that tenant's rules") {
  Bench bench;
  REQUIRE(!bench.install({rule(0, 1, 1, {}, {output(2)}), rule(1, 2, 1, {}, {output(4)})},
                         {rule(0, 1, 32, {{"eth_type", 0x800}, {"ipv4_dst", 0x0a000002}}, {}),
                          rule(1, 2, 32, {{"eth_type", 0x800}, {"ipv4_dst", 0x0a000003}}, {})}));
  const std::string to_two = replaced(kPlain, 33, "03");
  const std::string to_nobody = replaced(kPlain, 33, "04");
  CHECK(bench.run(1, {hex(kPlain), hex(to_two), hex(to_nobody), hex(kPlain)}) ==
        std::vector<Sent>{{2, kPlain}, {2, kPlain}, {4, to_two}});
  CHECK(bench.drops(0, DropReason::unknown_destination) == 1);
  CHECK(bench.counters().tenants[0].traffic.rx_packets.read() == 1);
  CHECK(bench.counters().tenants[1].traffic.rx_packets.read() == 2);
  CHECK(bench.counters().tenants[2].traffic.tx_packets.read() == 1);
  CHECK(bench.counters().ports[1].rx_packets.read() == 4);
  CHECK(bench.counters().ports[1].rx_bytes.read() == 4 * 42);
  CHECK(bench.counters().rules[0].packets.read() == 2);
  CHECK(bench.counters().rules[1].bytes.read() == 42);
}

TEST_CASE("a gateway port's packets are its tenant's, whatever their addresses say") {
  Bench bench;
  REQUIRE(
      !bench.install({rule(0, 2, 1, {}, {output(4)})}, {rule(0, 2, 32, {{"eth_type", 0x800}, {"ipv4_dst", 0x0a000002}}, {})}));
  CHECK(bench.run(3, {hex(kPlain)}).empty());
  CHECK(bench.drops(1, DropReason::table_miss) == 1);
  CHECK(all_drops(bench, 2) == 0);
}

TEST_CASE("each port's parser reads what that port's rules need") {
  Bench bench;
  REQUIRE(!bench.install({rule(0, 1, 1, {{"in_port", 2}}, {output(3)}),
                          rule(1, 1, 1, {{"in_port", 3}, {"eth_type", 0x800}, {"ip_proto", 6}, {"tcp_dst", 80}}, {output(2)})}));
  CHECK(bench.program().ports[2].plan.headers == 0);
  CHECK(bench.program().ports[3].plan.reads(kTransport));
  CHECK(bench.program().ports[4].plan.headers == 0);
  // What comes from the uplink may be anybody's.
  CHECK(bench.program().ports[1].plan.headers == 0);
  REQUIRE(!bench.install({rule(0, 1, 1, {{"eth_type", 0x806}, {"arp_op", 1}}, {output(3)})}));
  CHECK(bench.program().ports[1].plan.reads(kArp));
  CHECK(!bench.program().ports[4].plan.reads(kArp));
}

TEST_CASE("a full transmit queue drops under its name, and loses no buffer") {
  Bench bench;
  REQUIRE(!bench.install({rule(0, 1, 1, {}, std::vector<Action>(40, output(3)))}));
  // A net_ring of 1,024 holds one less.
  constexpr uint64_t kOffered = 40 * kBurst;
  constexpr uint64_t kHeld = 1023;
  CHECK(bench.run(2, std::vector<Bytes>(kBurst, hex(kPlain))).size() == kHeld);
  CHECK(bench.drops(1, DropReason::tx_queue_full) == kOffered - kHeld);
  CHECK(bench.counters().ports[3].tx_packets.read() == kHeld);
  CHECK(bench.counters().ports[3].tx_bytes.read() == kHeld * 42);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("where no buffer is free for a copy, the copy is lost under its name") {
  Bench bench;
  std::vector<Action> actions;
  for (int i = 0; i < 15; ++i) actions.insert(actions.end(), {output(1), output(3), output(4), output(kInPort)});
  REQUIRE(!bench.install({rule(0, 1, 1, {}, actions)}));
  const size_t sent = bench.run(2, std::vector<Bytes>(kBurst, hex(kPlain))).size();
  CHECK(bench.drops(1, DropReason::no_buffer) > 0);
  CHECK(sent + all_drops(bench, 1) == 60 * kBurst);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("every cycle of a burst is on somebody's bill") {
  Bench bench;
  REQUIRE(!bench.install({rule(0, 1, 1, {}, {output(2)}), rule(1, 2, 1, {}, {output(4)})},
                         {rule(0, 1, 32, {{"eth_type", 0x800}, {"ipv4_dst", 0x0a000002}}, {}),
                          rule(1, 2, 32, {{"eth_type", 0x800}, {"ipv4_dst", 0x0a000003}}, {})}));
  CycleMeter meter;
  WorkerCounters worker;
  meter.start(worker, cycles_per_second(), cycles_per_second());
  Counters counters(Bench::kCapacity);
  TxBuffer tx(0);
  Random random(1);
  PipelineScratch scratch;
  const auto billed = [&] {
    uint64_t sum = worker.stolen.read();
    for (const TenantCounters& tenant : counters.tenants) {
      for (const Counter& cycles : tenant.cycles) sum += cycles.read();
    }
    return sum;
  };
  // Bursts of nothing but their cost: three malformed packets, which are nobody's.
  for (int i = 0; i < 100; ++i) {
    Burst burst;
    burst.in_port = 1;
    burst.count = 0;
    run_pipeline(bench.program(), {&counters, &tx, &meter, &scratch, &random}, burst);
    meter.publish();
    CHECK(billed() == worker.now_tsc.read() - worker.started_tsc.read());
  }
}
