// Connection tracking in the pipeline: what rules see of it, NAT there and back, and what is dropped by name.
#include "support/conntrack.h"

#include <doctest/doctest.h>

#include "support/bench_ports.h"
#include "support/packets.h"
#include "support/plain.h"
#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

// Matches some bits of ct_state.
Rule with_state(Rule made, uint8_t value, uint8_t mask) {
  place(field("ct_state"), value, made.value);
  place(field("ct_state"), mask, made.mask);
  return made;
}

Bytes mended(Bytes packet) {
  mend(packet);
  return packet;
}

// IPv4 with the addresses, and what has ports with these, exchanged.
Bytes turned(Bytes packet) {
  std::swap_ranges(packet.begin() + 26, packet.begin() + 30, packet.begin() + 30);
  std::swap_ranges(packet.begin() + 34, packet.begin() + 36, packet.begin() + 36);
  return packet;
}

Bytes udp() {
  Bytes packet = hex(kUdp4);
  put(packet, 40, 2, 0xffff);
  return mended(packet);
}

// TCP from 10.0.0.1:1000 to 10.0.0.2:80.
Bytes tcp(uint8_t flags, uint32_t seq = 0, uint32_t ack = 0) {
  Bytes packet = hex(kTcp4);
  put(packet, 38, 4, seq);
  put(packet, 42, 4, ack);
  put(packet, 47, 1, flags);
  put(packet, 48, 2, 1000);
  return mended(packet);
}

constexpr uint8_t kSyn = 2;
constexpr uint8_t kAck = 16;

// From port 2 everything goes to port 3, and makes a connection; from there only what belongs to one comes back.
std::vector<Rule> stateful(const Action& track) {
  return {rule(0, 1, 2, {{"in_port", 2}}, {conntrack({.zone = 5, .flags = kCommit}), output(3)}),
          rule(1, 1, 1, {{"in_port", 3}}, {track, go_to(1)}),
          in_table(1, with_state(rule(2, 1, 1, {{"ct_zone", 5}}, {output(2)}), kCtTracked | kCtEstablished | kCtReply,
                                 kCtTracked | kCtEstablished | kCtReply))};
}

constexpr uint8_t kNewNat = kCtTracked | kCtNew | kCtSourceNat;

// Counts by what table 1 finds ct_state to be.
uint64_t hits(const Bench& bench, RuleId id) { return bench.counters().rules[id].packets.read(); }

}  // namespace

TEST_CASE("only replies of connections come back") {
  Bench bench;
  bench.track();
  REQUIRE(!bench.install(stateful(conntrack({.zone = 5}))));
  const Bytes packet = udp();
  CHECK(bench.run(3, {turned(packet)}).empty());
  CHECK(bench.drops(1, DropReason::table_miss) == 1);
  CHECK(bench.run(2, {packet}) == std::vector<Sent>{{3, to_hex(packet)}});
  CHECK(bench.run(3, {turned(packet)}) == std::vector<Sent>{{2, to_hex(turned(packet))}});
  Bytes other = turned(packet);
  other[37] ^= 1;
  CHECK(bench.run(3, {other}).empty());
  CHECK(bench.conntrack().usage().entries == 1);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("zones and tenants do not see each other's connections") {
  Bench bench;
  bench.track();
  auto rules = stateful(conntrack({.zone = 6}));
  rules.push_back(rule(3, 2, 1, {}, {conntrack({.zone = 5}), go_to(1)}));
  rules.push_back(in_table(1, with_state(rule(4, 2, 1, {}, {output(2)}), kCtEstablished, kCtEstablished)));
  REQUIRE(!bench.install(std::move(rules)));
  const Bytes packet = udp();
  CHECK(bench.run(2, {packet}).size() == 1);
  CHECK(bench.run(3, {turned(packet)}).empty());
  CHECK(bench.run(4, {turned(packet)}).empty());
  CHECK(bench.drops(2, DropReason::table_miss) == 1);
}

TEST_CASE("a TCP connection is new, then established") {
  Bench bench;
  bench.track();
  std::vector<Rule> rules = {rule(0, 1, 1, {}, {conntrack({.zone = 5, .flags = kCommit}), go_to(1)})};
  const uint8_t states[] = {kCtTracked | kCtNew, kCtTracked | kCtEstablished | kCtReply, kCtTracked | kCtEstablished,
                            kCtTracked | kCtInvalid};
  for (const uint8_t state : states)
    rules.push_back(in_table(1, rule(static_cast<RuleId>(rules.size()), 1, 1, {{"ct_state", state}}, {output(1)})));
  REQUIRE(!bench.install(std::move(rules)));
  CHECK(bench.run(3, {turned(tcp(kSyn | kAck, 9, 1))}).size() == 1);
  CHECK(hits(bench, 4) == 1);
  // In one burst, as if one after the other.
  CHECK(bench.run(2, {tcp(kSyn), tcp(kSyn)}).size() == 2);
  CHECK(hits(bench, 1) == 2);
  CHECK(bench.run(3, {turned(tcp(kSyn | kAck, 9, 1))}).size() == 1);
  CHECK(hits(bench, 2) == 1);
  CHECK(bench.run(2, {tcp(kAck, 1, 10)}).size() == 1);
  CHECK(hits(bench, 3) == 1);
  CHECK(bench.run(2, {tcp(kSyn | 1)}).size() == 1);  // no such combination of flags
  CHECK(hits(bench, 4) == 2);
  CHECK(bench.run(2, {hex(kArpRequest)}).size() == 1);  // not IP
  CHECK(hits(bench, 4) == 3);
}

TEST_CASE("every packet begins untracked, and stays tracked when it is read anew") {
  Bench bench;
  bench.track();
  REQUIRE(!bench.install(
      {rule(0, 1, 1, {{"ct_state", 0}}, {conntrack({.zone = 5}), set_dst(0x0a), go_to(1)}),
       in_table(1, rule(1, 1, 1, {{"ct_state", kCtTracked | kCtNew}, {"ct_zone", 5}, {"eth_dst", 0x0a}}, {output(3)}))}));
  for (int i = 0; i < 3; ++i) CHECK(bench.run(2, {udp(), udp()}).size() == 2);
  CHECK(bench.conntrack().usage().entries == 0);
}

TEST_CASE("the mark of a connection is matched") {
  Bench bench;
  bench.track();
  REQUIRE(!bench.install(
      {rule(0, 1, 2, {{"in_port", 2}}, {conntrack({.flags = kCommit, .mark = 0x12345678, .mark_mask = 0xffffffff}), go_to(1)}),
       rule(1, 1, 1, {{"in_port", 3}}, {conntrack({}), go_to(1)}),
       in_table(1, rule(2, 1, 2, {{"ct_mark", 0x12345678}, {"in_port", 2}}, {output(3)})),
       in_table(1, rule(3, 1, 1, {{"ct_mark", 0x12345678}, {"in_port", 3}}, {output(2)}))}));
  CHECK(bench.run(2, {udp()}).size() == 1);
  CHECK(bench.run(3, {turned(udp())}).size() == 1);
}

TEST_CASE("source NAT there and back") {
  Bench bench;
  bench.track();
  Ct snat{.zone = 5, .flags = kCommit | kNat | kSourceRange, .family = 4};
  snat.low = hex("c0000207");
  REQUIRE(!bench.install({rule(0, 1, 2, {{"in_port", 2}}, {conntrack(snat), go_to(1)}),
                          rule(1, 1, 1, {{"in_port", 3}}, {conntrack({.zone = 5, .flags = kNat}), go_to(1)}),
                          in_table(1, rule(2, 1, 1, {{"eth_type", 0x0800}, {"ipv4_src", 0xc0000207}}, {output(3)})),
                          in_table(1, rule(3, 1, 1, {{"eth_type", 0x0800}, {"ipv4_dst", 0x0a000001}}, {output(2)}))}));
  for (const Bytes& packet : {udp(), tcp(kSyn), mended(hex(kIcmp4))}) {
    Bytes there = packet;
    put(there, 26, 4, 0xc0000207);
    mend(there);
    CHECK(bench.run(2, {packet}) == std::vector<Sent>{{3, to_hex(there)}});
    const bool is_icmp = packet[23] == 1;
    Bytes reply = is_icmp ? there : turned(there);
    Bytes back = is_icmp ? packet : turned(packet);
    if (is_icmp) {
      for (Bytes* each : {&reply, &back}) {
        std::swap_ranges(each->begin() + 26, each->begin() + 30, each->begin() + 30);
        put(*each, 34, 1, 0);  // echo reply
      }
    }
    if (packet[23] == 6) put(reply, 47, 1, kSyn | kAck), put(back, 47, 1, kSyn | kAck);
    mend(reply), mend(back);
    CAPTURE(packet[23]);
    CHECK(bench.run(3, {reply}) == std::vector<Sent>{{2, to_hex(back)}});
  }
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("a translated packet is of its connection in the next table, too") {
  Bench bench;
  bench.track();
  Ct snat{.zone = 5, .flags = kCommit | kNat | kSourceRange, .family = 4};
  snat.low = hex("c0000207");
  const Action mark = conntrack({.zone = 5, .flags = kCommit, .mark = 9, .mark_mask = 9});
  // Some of a burst are translated, some not yet.
  REQUIRE(!bench.install({rule(0, 1, 2, {{"in_port", 2}, {"eth_type", 0x0800}, {"ip_proto", 17}}, {conntrack(snat), go_to(1)}),
                          rule(1, 1, 1, {}, {go_to(1)}), in_table(1, rule(2, 1, 1, {}, {mark, go_to(2)})),
                          in_table(2, rule(3, 1, 2, {{"ct_mark", 9}, {"ct_state", kNewNat}}, {conntrack({.zone = 6}), go_to(3)})),
                          in_table(2, rule(4, 1, 1, {{"ct_mark", 9}}, {output(3)})),
                          in_table(3, rule(5, 1, 1, {{"ct_state", kCtTracked | kCtNew}, {"ct_zone", 6}}, {output(3)}))}));
  Bytes there = udp();
  put(there, 26, 4, 0xc0000207);
  mend(there);
  CHECK(bench.run(2, {udp(), tcp(kSyn), udp(), udp()}) ==
        std::vector<Sent>{{3, to_hex(tcp(kSyn))}, {3, to_hex(there)}, {3, to_hex(there)}, {3, to_hex(there)}});
  CHECK(hits(bench, 3) == 3);
  CHECK(bench.conntrack().usage().entries == 2);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("an ICMP error of a translated connection goes to who caused it") {
  Bench bench;
  bench.track();
  Ct snat{.flags = kCommit | kNat | kSourceRange, .family = 4};
  snat.low = hex("c0000207");
  REQUIRE(!bench.install(
      {rule(0, 1, 2, {{"in_port", 2}}, {conntrack(snat), output(3)}),
       rule(1, 1, 1, {{"in_port", 3}}, {conntrack({.flags = kNat}), go_to(1)}),
       in_table(1, with_state(rule(2, 1, 1, {{"eth_type", 0x0800}, {"ipv4_dst", 0x0a000001}}, {output(2)}),
                              kCtTracked | kCtRelated | kCtReply, kCtTracked | kCtRelated | kCtReply | kCtInvalid))}));
  const std::vector<Sent> there = bench.run(2, {udp()});
  REQUIRE(there.size() == 1);
  const std::string head = kEthernet + "0800 45000038 00000000 40010000 0a000063 ";
  const auto error = [&](const std::string& to, const Bytes& quoted) {
    return mended(hex(head + to + "0b000000 00000000" + to_hex(Bytes(quoted.begin() + 14, quoted.end()))));
  };
  CHECK(bench.run(3, {error("c0000207", hex(there[0].packet))}) == std::vector<Sent>{{2, to_hex(error("0a000001", udp()))}});
  Bytes unknown = hex(there[0].packet);
  unknown[37] ^= 1;
  CHECK(bench.run(3, {error("c0000207", unknown)}).empty());
}

TEST_CASE("what a cap refuses is dropped by name") {
  Bench bench;
  CtOptions options{.entries = 256};
  options.limits[1].entries = 1;
  bench.track(options);
  REQUIRE(!bench.install(stateful(conntrack({.zone = 5}))));
  Bytes second = udp();
  second[35] ^= 1;
  // Without a reply the first makes room.
  CHECK(bench.run(2, {second, udp()}).size() == 2);
  CHECK(bench.run(3, {turned(udp())}).size() == 1);
  CHECK(bench.run(2, {udp(), second, udp()}).size() == 2);
  CHECK(bench.drops(1, DropReason::ct_tenant_full) == 1);
  Bytes fragment = udp();
  fragment[21] = 4;
  CHECK(bench.run(2, {mended(fragment)}).empty());
  CHECK(bench.drops(1, DropReason::ct_fragment) == 1);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("without connection tracking what would be tracked is dropped") {
  Bench bench;
  REQUIRE(!bench.install(stateful(conntrack({.zone = 5}))));
  CHECK(bench.run(2, {udp(), udp()}).empty());
  CHECK(bench.drops(1, DropReason::ct_table_full) == 2);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("a bucket tracks its copy") {
  Bench bench;
  bench.track();
  Transaction transaction;
  GroupSpec spec;
  spec.number = 1;
  spec.buckets.push_back({1, 0, UINT32_MAX, {conntrack({.flags = kCommit}), output(3)}});
  transaction.put_groups.push_back(spec);
  transaction.add = {rule(0, 1, 2, {{"in_port", 2}}, {to_group(1), go_to(1)}),
                     in_table(1, rule(1, 1, 1, {{"ct_state", 0}}, {output(1)}))};
  REQUIRE(!bench.install({}));
  REQUIRE(!bench.apply(std::move(transaction)));
  CHECK(bench.run(2, {udp()}) == std::vector<Sent>{{1, to_hex(udp())}, {3, to_hex(udp())}});
  CHECK(bench.conntrack().usage().entries == 1);
  bench.is_trial = true;
  Bytes second = udp();
  second[35] ^= 1;
  CHECK(bench.run(2, {second}).size() == 2);
  CHECK(bench.conntrack().usage().entries == 1);
}
