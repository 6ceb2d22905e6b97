#include <set>

#include "state/translated.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("ct nat: a source translation holds for both directions and errors, and keeps the port") {
  Translated tracked(source(kOutside, kOutside));
  const CtTuple inside = client(1, 5000);
  CtTuple outside = inside;
  set_address(outside.src, kOutside);
  CtResult result = tracked.track(packet(inside));
  CHECK(result.state == (kNewTracked | kCtSourceNat));
  CHECK(result.to == outside);
  tracked.request = {};
  tracked.request.nat = true;
  result = tracked.track(packet(back(outside)));
  CHECK(result.state == (kReplied | kCtDestinationNat));
  CHECK(result.to == back(inside));
  result = tracked.track(packet(inside));
  CHECK(result.state == (kKnown | kCtSourceNat));
  CHECK(result.to == outside);
  result = tracked.track(packet(back(outside), CtKind::kIcmpError));
  CHECK(result.state == (kCtRelated | kCtReply | kCtTracked | kCtDestinationNat));
  CHECK(result.to == back(inside));
  tracked.request.nat = false;
  result = tracked.track(packet(back(outside)));
  CHECK(result.state == kReplied);
  CHECK_FALSE(result.translate);
}

TEST_CASE("ct nat: a port that is taken becomes another one") {
  Translated tracked(source(kOutside, kOutside));
  CHECK(tracked.outside(client(1, 5000)) == std::pair{kOutside, uint16_t{5000}});
  const auto other = tracked.outside(client(2, 5000));
  CHECK(other.second != 5000);
  CHECK(other.second >= 1024);
  CHECK(tracked.outside(client(3, 5000, 54)).second == 5000);  // to elsewhere it is free
  const auto privileged = tracked.outside(client(4, 123));
  CHECK(privileged.second == 123);
  CHECK(tracked.outside(client(5, 123)).second < 1024);
}

TEST_CASE("ct nat: ports and addresses are used up, then named") {
  Translated tracked(source(kOutside, kOutside + 1, 2000, 2003));
  std::set<std::pair<uint32_t, uint16_t>> used;
  for (uint32_t i = 0; i < 8; ++i) {
    const auto outside = tracked.outside(client(i, 5000));
    CHECK(outside.second >= 2000);
    CHECK(outside.second <= 2003);
    CHECK(used.insert(outside).second);
  }
  const CtResult result = tracked.track(packet(client(9, 5000)));
  CHECK(result.verdict == CtVerdict::nat_exhausted);
  CHECK(tracked.counter(CtCounter::nat_exhausted) == 1);
  CHECK(tracked.track(packet(client(9, 5000)), true).verdict == CtVerdict::nat_exhausted);
  CHECK(tracked.list().size() == 8);
  CHECK(tracked.counter(CtCounter::half_open) == 8);
  tracked.conntrack->flush({}, tracked.now);
  tracked.outside(client(9, 5000));
}

TEST_CASE("ct nat: random ports do not repeat the original") {
  CtNat nat = source(kOutside, kOutside);
  nat.random = true;
  Translated tracked(nat);
  std::set<uint16_t> ports;
  for (uint16_t to = 0; to < 16; ++to) ports.insert(tracked.outside(client(1, 5000, to)).second);
  CHECK(ports.size() > 12);
}

TEST_CASE("ct nat: a client keeps its outside address") {
  Translated tracked(source(kOutside, kOutside + 99));
  std::set<uint32_t> of_one;
  std::set<uint32_t> of_many;
  for (uint16_t i = 0; i < 50; ++i) {
    of_one.insert(tracked.outside(client(1, 5000 + i)).first);
    of_many.insert(tracked.outside(client(100 + i, 5000)).first);
  }
  CHECK(of_one.size() == 1);
  CHECK(of_many.size() > 20);
}

TEST_CASE("ct nat: one to one by host bits") {
  CtNat nat = source(0xc0000200, 0xc0000200);
  nat.prefix_bits = 24;
  Translated tracked(nat);
  CHECK(tracked.outside(client(7, 5000)) == std::pair{uint32_t{0xc0000207}, uint16_t{5000}});
  CHECK(tracked.outside(client(200, 80)) == std::pair{uint32_t{0xc00002c8}, uint16_t{80}});
}

TEST_CASE("ct nat: blocks of ports follow from the inside address alone") {
  CtNat nat = source(kOutside, kOutside + 1, 10'000, 10'999);
  nat.port_block = 100;
  Translated tracked(nat);
  for (uint32_t host = 0; host < 20; ++host) {
    const uint32_t block = (0x0a000000 + host) % 20;
    for (uint16_t port = 1; port < 5; ++port) {
      const auto outside = tracked.outside(client(host, port));
      CHECK(outside.first == kOutside + block / 10);
      CHECK((outside.second - 10'000) / 100 == block % 10);
    }
  }
}

TEST_CASE("ct nat: destination") {
  CtNat nat = source(0x0a000101, 0x0a000104, 8080, 8080);
  nat.kind = CtNatKind::dst;
  Translated tracked(nat);
  std::set<uint8_t> servers;
  for (uint16_t i = 0; i < 64; ++i) {
    const CtTuple forth = tuple(6, 0x0a000001, 1000 + i, kServer, 80);
    const CtResult result = tracked.track(segment(forth, kSyn));
    CHECK(result.state == (kNewTracked | kCtDestinationNat));
    CHECK(result.to.dst_port == wire(8080));
    CHECK(result.to.src_port == forth.src_port);
    servers.insert(result.to.dst[3]);
    const CtResult answer = tracked.track(segment(back(result.to), kSyn | kAck));
    CHECK(answer.state == (kReplied | kCtSourceNat));
    CHECK(answer.to == back(forth));
  }
  CHECK(servers == std::set<uint8_t>{1, 2, 3, 4});
}

TEST_CASE("ct nat: identifiers of echoes are translated as ports are") {
  Translated tracked(source(kOutside, kOutside));
  const CtTuple one = tuple(1, 0x0a000001, 77, kServer, 77);
  const CtTuple two = tuple(1, 0x0a000002, 77, kServer, 77);
  const CtResult first = tracked.track(packet(one, CtKind::kIcmpRequest));
  CHECK(first.to.src_port == wire(77));
  const CtResult second = tracked.track(packet(two, CtKind::kIcmpRequest));
  CHECK(second.to.src_port != wire(77));
  CHECK(second.to.src_port == second.to.dst_port);
  CHECK(tracked.track(packet(back(second.to), CtKind::kIcmpReply)).to == back(two));
  CHECK(tracked.track(packet(back(first.to), CtKind::kIcmpError)).to == back(one));
}

TEST_CASE("ct nat: IPv6") {
  CtNat nat;
  nat.kind = CtNatKind::src;
  nat.family = 6;
  nat.low[0] = nat.high[0] = 0x20;
  nat.high[15] = 9;
  Translated tracked(nat);
  const CtTuple inside = tuple6(17, 1, 5000, 2, 53);
  const CtResult result = tracked.track(packet(inside));
  CHECK(result.translate);
  CHECK(result.to.src[0] == 0x20);
  CHECK(result.to.src[15] <= 9);
  CHECK(tracked.track(packet(back(result.to))).to == back(inside));
  CHECK_FALSE(tracked.track(packet(client(1, 1))).translate);  // the other family stays as it is
}

TEST_CASE("ct nat: answers that another connection has already are refused") {
  Translated tracked(source(kOutside, kOutside));
  const auto outside = tracked.outside(client(1, 5000));
  tracked.request.nat = false;
  // Whose answers would be those of the translated connection.
  const CtTuple clash = tuple(17, kOutside, outside.second, kServer, 53);
  CHECK(tracked.track(packet(clash)).verdict == CtVerdict::nat_exhausted);
}

TEST_CASE("ct nat: persistent: an inside endpoint has one outside endpoint, which nobody else has") {
  CtNat nat = source(kOutside, kOutside + 3, 2000, 2099);
  nat.persistent = true;
  Translated tracked(nat);
  std::set<std::pair<uint32_t, uint16_t>> used;
  for (uint32_t host = 0; host < 50; ++host) {
    const auto outside = tracked.outside(client(host, 5000, 1));
    CHECK(used.insert(outside).second);
    for (uint16_t to = 2; to < 6; ++to) REQUIRE(tracked.outside(client(host, 5000, to)) == outside);
  }
  CHECK(tracked.list().size() == 250);
  CHECK(tracked.conntrack->usage().entries == 300);  // a mapping is an entry
  // It goes on elsewhere, and there holds for new connections.
  const auto outside = tracked.outside(client(7, 5000, 1));
  Translated other(nat);
  CHECK(other.conntrack->restore(tracked.conntrack->snapshot(tracked.now), other.now).value().restored == 250);
  CHECK(other.conntrack->usage().entries == 300);
  CHECK(other.outside(client(7, 5000, 99)) == outside);
  // It outlives its connections by no more than two minutes.
  for (uint32_t i = 0; i < 300; ++i) tracked.sweep_all();
  CHECK(tracked.conntrack->usage().entries == 0);
  CHECK(tracked.counter(CtCounter::created) == tracked.counter(CtCounter::expired));
}

TEST_CASE("ct nat: persistent: random and used up") {
  CtNat nat = source(kOutside, kOutside, 2000, 2009);
  nat.persistent = true;
  nat.random = true;
  Translated tracked(nat);
  for (uint32_t host = 0; host < 10; ++host) {
    const auto outside = tracked.outside(client(host, 5000, 1));
    CHECK(tracked.outside(client(host, 5000, 2)) == outside);
  }
  CHECK(tracked.track(packet(client(10, 5000))).verdict == CtVerdict::nat_exhausted);
  CHECK(tracked.conntrack->usage().entries == 30);
}

TEST_CASE("ct nat: persistent: a mapping whose answers another connection has is not made") {
  CtNat nat = source(kOutside, kOutside, 2000, 2001);
  Translated tracked(nat);
  CHECK(tracked.outside(client(1, 2000)) == std::pair{kOutside, uint16_t{2000}});
  tracked.request.range.persistent = true;
  CHECK(tracked.track(packet(client(2, 2000)), true).to.src_port == wire(2001));
  CHECK(tracked.outside(client(2, 2000)).second == 2001);
  // What has an outside endpoint keeps it, and has no other.
  CHECK(tracked.outside(client(3, 2000, 54)).second == 2000);
  CHECK(tracked.track(packet(client(3, 2000))).verdict == CtVerdict::nat_exhausted);
}

TEST_CASE("ct nat: persistent: a flush takes mappings that nobody uses, and those alone") {
  CtNat nat = source(kOutside, kOutside);
  nat.persistent = true;
  Translated tracked(nat);
  tracked.outside(client(1, 5000, 53));
  tracked.outside(client(1, 5000, 54));
  tracked.outside(client(2, 6000, 53));
  CtFilter filter;
  filter.port = 53;
  CHECK(tracked.conntrack->flush(filter, tracked.now) == 2);
  CHECK(tracked.conntrack->usage().entries == 3);  // a connection, its mapping, and that of the other client
  const CtStateCounts counts = tracked.conntrack->count_states(tracked.now)[1];
  CHECK(counts.mappings == 2);
  CHECK(counts.states[static_cast<uint32_t>(CtState::first)] == 1);
  filter.port = 6000;
  CHECK(tracked.conntrack->flush(filter, tracked.now) == 0);
  CHECK(tracked.conntrack->usage().entries == 2);
  CHECK(tracked.conntrack->flush({}, tracked.now) == 1);
  CHECK(tracked.conntrack->usage().entries == 0);
  CHECK(tracked.counter(CtCounter::created) == tracked.counter(CtCounter::flushed));
  // The endpoint that the mapping had is free.
  CHECK(tracked.outside(client(9, 5000, 53)).second == 5000);
}
