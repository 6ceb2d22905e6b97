// The way of packets to a tenant's plugins and back, and resubmits, on which plugins' rules stand.
#include <doctest/doctest.h>

#include "support/bench_ports.h"
#include "support/packets.h"
#include "support/plain.h"
#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

constexpr uint64_t kDone = uint64_t{1} << 32;  // in metadata: the plugin is done with the packet

Action punt(uint16_t handler) { return act(ActionKind::punt, handler); }
Action resubmit(uint16_t table) { return act(ActionKind::resubmit, table); }

// What the plugin is not done with goes to it, all else out of port 3.
std::vector<Rule> asking(uint16_t handler) {
  return {rule(0, 1, 2, {{"metadata", 0}}, {punt(handler)}), rule(1, 1, 1, {}, {output(3)})};
}

PuntRecord record(const Bytes& frame, PuntVerdict verdict, uint16_t port, uint32_t mark = 0) {
  return {static_cast<uint32_t>(frame.size()), static_cast<uint8_t>(verdict), 0, port, 0, mark};
}

// A bench that was used before, whose counters are compared with what they were then. (DPDK keeps what rings are made of, so that
// there cannot be one for each test.)
class Used {
 public:
  Used() : before_(std::make_unique<Counters>(Bench::kCapacity)) {
    if (bench_ == nullptr) bench_ = new Bench;  // DPDK ends before what is static does
    bench_->listen();
    memcpy(static_cast<void*>(before_->tenants), bench_->counters().tenants, sizeof before_->tenants);
    memcpy(static_cast<void*>(before_->punt), bench_->counters().punt, sizeof before_->punt);
    for (RuleId id = 0; id < Bench::kCapacity.rules; ++id) before_->rules[id].packets.set(hits(id));
  }
  Bench* operator->() const { return bench_; }

  uint64_t drops(DropReason reason) const {
    return since([reason](const Counters& all) -> auto& { return all.tenants[1].drops[static_cast<uint32_t>(reason)]; });
  }
  uint64_t punt(Counter PuntCounters::*counter) const {
    return since([counter](const Counters& all) -> auto& { return all.punt[1].*counter; });
  }
  uint64_t received() const {
    return since([](const Counters& all) -> auto& { return all.tenants[1].traffic.rx_packets; });
  }
  uint64_t rule(RuleId id) const { return hits(id) - before_->rules[id].packets.read(); }

 private:
  uint64_t hits(RuleId id) const { return bench_->counters().rules[id].packets.read(); }
  template <typename Choose>
  uint64_t since(Choose choose) const {
    return choose(bench_->counters()).read() - choose(*before_).read();
  }

  static inline Bench* bench_ = nullptr;
  const std::unique_ptr<Counters> before_;
};

}  // namespace

TEST_CASE("a punted packet comes to the plugins as it is then, with where it came from") {
  const Used bench;
  REQUIRE(!bench->install({rule(0, 1, 1, {{"eth_type", 0x800}}, {set_dst(5), write_metadata(7 * kDone, UINT64_MAX), go_to(1)}),
                           in_table(1, rule(1, 1, 1, {}, {punt(258)}))}));
  bench->listen();
  CHECK(bench->run(2, {hex(kUdp4), hex(kUdp4)}).empty());
  const auto punted = bench->punted();
  REQUIRE(punted.size() == 2);
  Bytes expected = hex(kUdp4);
  put(expected, 0, 6, 5);
  for (const auto& [record, frame] : punted) {
    CHECK(frame == expected);
    CHECK(record.kind == 0);
    CHECK(record.worker == 0);
    CHECK(record.port == 2);
    CHECK(record.handler == 258);
    CHECK(record.mark == 7);
  }
  CHECK(bench.punt(&PuntCounters::punted) == 2);
  CHECK(bench.punt(&PuntCounters::punted_bytes) == 2 * expected.size());
  CHECK(bench->buffers_in_use() == 0);
}

TEST_CASE("what is given back goes through the tables anew, past the plugin that is done with it") {
  const Used bench;
  REQUIRE(!bench->install(asking(1)));
  bench->listen();
  CHECK(bench->run(2, {hex(kUdp4)}).empty());
  const auto punted = bench->punted();
  REQUIRE(punted.size() == 1);
  Bytes frame = punted[0].second;
  frame[0] = 0xaa;
  CHECK(bench->give_back(record(frame, PuntVerdict::kResume, 2, 1), frame) == std::vector<Sent>{{3, to_hex(frame)}});
  CHECK(bench.punt(&PuntCounters::resumed) == 1);
  CHECK(bench.received() == 1);
  // Without its mark it would come again.
  CHECK(bench->give_back(record(frame, PuntVerdict::kResume, 2, 0), frame).empty());
  CHECK(bench->punted().size() == 1);
}

TEST_CASE("plugins give back many packets, of several ports, in their order") {
  const Used bench;
  REQUIRE(!bench->install({rule(0, 1, 1, {{"in_port", 2}}, {output(3)}), rule(1, 1, 1, {{"in_port", 3}}, {output(2)})}));
  bench->listen();
  const Bytes frame = hex(kUdp4);
  std::vector<Sent> sent;
  ByteRing& ring = *bench->lanes().lanes[0]->from_plugins;
  for (uint16_t i = 0; i < 200; ++i) {
    const PuntRecord one = record(frame, PuntVerdict::kResume, static_cast<uint16_t>(2 + i / 90 % 2), i);
    uint8_t* const to = ring.reserve(punt_bytes(one.length));
    REQUIRE(to != nullptr);
    memcpy(to, &one, sizeof one);
    memcpy(to + sizeof one, frame.data(), frame.size());
  }
  CHECK(bench->give_back(record(frame, PuntVerdict::kOutput, 3), frame).size() == 201);
  CHECK(bench.punt(&PuntCounters::resumed) == 200);
  CHECK(bench.punt(&PuntCounters::output) == 1);
  CHECK(bench->buffers_in_use() == 0);
}

TEST_CASE("plugins send out of their tenant's own ports only, and nothing too large") {
  const Used bench;
  REQUIRE(!bench->install({}));
  bench->listen();
  const Bytes frame = hex(kUdp4);
  CHECK(bench->give_back(record(frame, PuntVerdict::kOutput, 3), frame) == std::vector<Sent>{{3, to_hex(frame)}});
  const auto refused = [&](PuntVerdict verdict, uint16_t port, const Bytes& bytes, DropReason reason) {
    const uint64_t before = bench.drops(reason);
    CHECK(bench->give_back(record(bytes, verdict, port), bytes).empty());
    CHECK(bench.drops(reason) == before + 1);
  };
  refused(PuntVerdict::kOutput, 1, frame, DropReason::policy_refused);  // the uplink
  refused(PuntVerdict::kOutput, 4, frame, DropReason::policy_refused);  // another tenant's
  refused(PuntVerdict::kResume, 4, frame, DropReason::policy_refused);
  refused(PuntVerdict::kOutput, 0, frame, DropReason::output_port_gone);
  refused(PuntVerdict::kOutput, 9, frame, DropReason::output_port_gone);
  refused(PuntVerdict::kResume, 65535, frame, DropReason::output_port_gone);
  refused(PuntVerdict::kOutput, 3, Bytes(1600, 1), DropReason::mtu_exceeded);
  refused(PuntVerdict::kResume, 3, Bytes(9000, 1), DropReason::mtu_exceeded);  // more than a buffer holds
  refused(PuntVerdict::kResume, 3, Bytes(13, 1), DropReason::runt_frame);
  refused(PuntVerdict::kResume, 3, Bytes(), DropReason::runt_frame);
  refused(PuntVerdict::kResume, 1, frame, DropReason::table_miss);  // as if from the uplink, into the tenant's own tables
  CHECK(bench->buffers_in_use() == 0);
}

TEST_CASE("where no plugin listens, and where they are too slow, packets are dropped by name") {
  const Used bench;
  REQUIRE(!bench->install(asking(1)));
  bench->listen(4096);
  const std::vector<Bytes> many(60, hex(kUdp4));
  CHECK(bench->run(2, many).empty());
  CHECK(bench->run(2, many).empty());
  const size_t room = 4096 / punt_bytes(static_cast<uint32_t>(many[0].size()));
  CHECK(bench.drops(DropReason::punt_queue_full) == 2 * many.size() - room);
  CHECK(bench->punted().size() == room);
  CHECK(bench->run(2, {hex(kUdp4)}).empty());
  CHECK(bench->punted().size() == 1);

  bench->lanes().open = false;
  CHECK(bench->run(2, {hex(kUdp4)}).empty());
  CHECK(bench.drops(DropReason::no_plugin) == 1);
  CHECK(bench->punted().empty());
  CHECK(bench->buffers_in_use() == 0);
}

TEST_CASE("plugins are asked no more often than they may be") {
  const Used bench;
  REQUIRE(!bench->install(asking(1)));
  // One in an hour, and three more at once.
  const Cycles hour = cycles_per_second() * 3600;
  bench->listen(1 << 16, {hour, 3 * hour});
  CHECK(bench->run(2, std::vector<Bytes>(10, hex(kUdp4))).empty());
  CHECK(bench->punted().size() == 4);
  CHECK(bench.drops(DropReason::punt_rate_exceeded) == 6);
}

TEST_CASE("a resubmitted packet is looked up anew, in the same table or an earlier one, with what was done to it") {
  const Used bench;
  REQUIRE(!bench->install({rule(0, 1, 2, {{"metadata", 0}}, {set_dst(5), write_metadata(1, UINT64_MAX), resubmit(0)}),
                           rule(1, 1, 2, {{"metadata", 1}, {"eth_dst", 5}}, {go_to(3)}),
                           in_table(3, rule(2, 1, 1, {}, {write_metadata(2, UINT64_MAX), resubmit(0)})),
                           rule(3, 1, 2, {{"metadata", 2}}, {output(3)})}));
  Bytes expected = hex(kUdp4);
  put(expected, 0, 6, 5);
  const std::vector<Bytes> packets(5, hex(kUdp4));
  CHECK(bench->run(2, packets) == std::vector<Sent>(5, {3, to_hex(expected)}));
  CHECK(bench.rule(0) == 5);
  CHECK(bench.rule(3) == 5);
}

TEST_CASE("packets of a burst take turns of their own") {
  const Used bench;
  // Each packet goes round as often as its source port says.
  std::vector<Rule> rules;
  for (uint16_t left = 1; left <= 20; ++left) {
    rules.push_back(rule(left, 1, 1, {{"eth_type", 0x800}, {"ip_proto", 17}, {"udp_src", left}},
                         {set_field("udp_src", left - 1u), resubmit(0)}));
  }
  rules.push_back(rule(0, 1, 1, {{"eth_type", 0x800}, {"ip_proto", 17}, {"udp_src", 0}}, {output(3)}));
  REQUIRE(!bench->install(std::move(rules)));
  std::vector<Bytes> packets;
  for (uint16_t i = 0; i < 60; ++i) {
    Bytes packet = hex(kUdp4);
    put(packet, 34, 2, i % 21);
    packets.push_back(packet);
  }
  CHECK(bench->run(2, packets).size() == 60);
  CHECK(bench.rule(20) == 2);
  CHECK(bench.rule(1) == 60 - 3);
}

TEST_CASE("a packet that goes round for ever is dropped, and the others are not") {
  const Used bench;
  REQUIRE(
      !bench->install({rule(0, 1, 1, {{"eth_type", 0x806}}, {output(3)}), rule(1, 1, 1, {{"eth_type", 0x800}}, {resubmit(0)})}));
  CHECK(bench->run(2, {hex(kUdp4), hex(kArpRequest), hex(kUdp4)}).size() == 1);
  CHECK(bench.drops(DropReason::resubmit_limit) == 2);
  CHECK(bench.rule(1) == 2 * (kMaxResubmits + 1));
  CHECK(bench->buffers_in_use() == 0);
}
