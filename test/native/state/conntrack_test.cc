#include "state/conntrack.h"

#include "state/tracked.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

const CtTuple kUdp = tuple(17, 0x0a000001, 5000, 0x0a000002, 53);
const CtTuple kPing = tuple(1, 0x0a000001, 77, 0x0a000002, 77);

}  // namespace

TEST_CASE("ct: without commit nothing is kept") {
  Tracked tracked;
  tracked.request.commit = false;
  CHECK(tracked.state(packet(kUdp)) == kNewTracked);
  CHECK(tracked.state(packet(kUdp)) == kNewTracked);
  CHECK(tracked.state(packet(back(kUdp))) == kNewTracked);
  CHECK(tracked.list().empty());
}

TEST_CASE("ct: UDP is new until it is answered") {
  Tracked tracked;
  CHECK(tracked.state(packet(kUdp)) == kNewTracked);
  CHECK(tracked.only() == CtState::first);
  tracked.request.commit = false;
  CHECK(tracked.state(packet(kUdp)) == kNewTracked);
  CHECK(tracked.counter(CtCounter::half_open) == 1);
  CHECK(tracked.state(packet(back(kUdp))) == kReplied);
  CHECK(tracked.state(packet(kUdp)) == kKnown);
  CHECK(tracked.only() == CtState::bidirectional);
  CHECK(tracked.counter(CtCounter::half_open) == 0);
}

TEST_CASE("ct: IPv6 connections are told apart by their whole addresses") {
  Tracked tracked;
  const CtTuple one = tuple6(17, 1, 5000, 2, 53);
  CHECK(tracked.state(packet(one)) == kNewTracked);
  CHECK(tracked.state(packet(back(one))) == kReplied);
  CHECK(tracked.state(packet(tuple6(17, 3, 5000, 2, 53))) == kNewTracked);
  CHECK(tracked.list().size() == 2);
  CtFilter filter;
  filter.has_address = true;
  filter.address_family = 6;
  memcpy(filter.address, one.src, 16);
  REQUIRE(tracked.list(filter).size() == 1);
  CHECK(tracked.list(filter)[0].original == one);
  CHECK(tracked.list(filter)[0].reply == back(one));
}

TEST_CASE("ct: tenants, zones and protocols are worlds of their own") {
  Tracked tracked;
  tracked.state(packet(kUdp));
  tracked.slot = 2;
  CHECK(tracked.state(packet(back(kUdp))) == kNewTracked);
  tracked.slot = 1;
  tracked.request.zone = 9;
  CHECK(tracked.state(packet(back(kUdp))) == kNewTracked);
  tracked.request.zone = 0;
  CtTuple sctp = kUdp;
  sctp.proto = 132;
  CHECK(tracked.state(packet(back(sctp))) == kNewTracked);
  CHECK(tracked.state(packet(back(kUdp))) == kReplied);
  CHECK(tracked.list().size() == 4);
  CHECK(tracked.counter(CtCounter::entries, 2) == 1);
}

TEST_CASE("ct: an echo and its reply are a connection, the other side's echo is another") {
  Tracked tracked;
  CHECK(tracked.state(packet(back(kPing), CtKind::kIcmpReply)) == kInvalidTracked);
  CHECK(tracked.state(packet(kPing, CtKind::kIcmpRequest)) == kNewTracked);
  CHECK(tracked.state(packet(back(kPing), CtKind::kIcmpReply)) == kReplied);
  CHECK(tracked.state(packet(kPing, CtKind::kIcmpRequest)) == kKnown);
  CHECK(tracked.state(packet(back(kPing), CtKind::kIcmpRequest)) == kNewTracked);
  CHECK(tracked.list().size() == 2);
  CHECK(tracked.counter(CtCounter::invalid_no_connection) == 1);
}

TEST_CASE("ct: an ICMP error belongs to the connection it is about") {
  Tracked tracked;
  CtTuple error = back(kUdp);  // of the packet forth, turned
  CHECK(tracked.state(packet(error, CtKind::kIcmpError)) == kInvalidTracked);
  CHECK(tracked.counter(CtCounter::invalid_related_unknown) == 1);
  tracked.state(packet(kUdp));
  CHECK(tracked.state(packet(error, CtKind::kIcmpError)) == (kCtRelated | kCtReply | kCtTracked));
  CHECK(tracked.state(packet(kUdp, CtKind::kIcmpError)) == (kCtRelated | kCtTracked));
  CHECK(tracked.state(packet(kUdp)) == kNewTracked);  // an error is no reply
  tracked.state(packet(kPing, CtKind::kIcmpRequest));
  CHECK(tracked.state(packet(back(kPing), CtKind::kIcmpError)) == (kCtRelated | kCtReply | kCtTracked));
  CHECK(tracked.state(packet(kPing, CtKind::kIcmpError)) == (kCtRelated | kCtTracked));
}

TEST_CASE("ct: what is not tracked and what cannot be read") {
  Tracked tracked;
  CHECK(tracked.state(packet(kPing, CtKind::kUntracked)) == kNewTracked);
  CHECK(tracked.state(packet({}, CtKind::kInvalid)) == kInvalidTracked);
  CHECK(tracked.counter(CtCounter::invalid_header) == 1);
  CHECK(tracked.list().empty());
}

TEST_CASE("ct: who talks to itself has one connection") {
  Tracked tracked;
  const CtTuple self = tuple(17, 0x0a000001, 53, 0x0a000001, 53);
  CHECK(tracked.state(packet(self)) == kNewTracked);
  CHECK(tracked.state(packet(self)) == kNewTracked);
  CHECK(tracked.list().size() == 1);
  CHECK(tracked.conntrack->flush({}, tracked.now) == 1);
  CHECK(tracked.state(packet(self)) == kNewTracked);
  CHECK(tracked.list().size() == 1);
}

TEST_CASE("ct: mark and label are set by commit, under their masks") {
  Tracked tracked;
  CtRequest& request = tracked.request;
  request.mark = 0xff12;
  request.mark_mask = 0xff;
  request.label[0] = 0xab;
  request.label_mask[0] = 0xf0;
  CHECK(tracked.track(packet(kUdp)).mark == 0x12);
  CHECK(tracked.list()[0].label[0] == 0xa0);
  request.mark = 0x3400;
  request.mark_mask = 0xff00;
  request.label[0] = 0x05;
  request.label_mask[0] = 0x0f;
  CHECK(tracked.track(packet(kUdp), true).mark == 0x3412);
  CHECK(tracked.list()[0].mark == 0x12);
  CHECK(tracked.track(packet(back(kUdp))).mark == 0x3412);
  CHECK(tracked.list()[0].label[0] == 0xa5);
  request.commit = false;
  CHECK(tracked.track(packet(kUdp)).mark == 0x3412);
}

TEST_CASE("ct: the packets of a burst are as one after the other") {
  Tracked tracked;
  const CtTuple other = tuple(6, 0x0a000003, 1, 0x0a000004, 2);
  const CtPacket packets[] = {
      packet(kUdp),         packet(back(kUdp)),   packet(kUdp),        segment(other, kSyn), segment(back(other), kSyn | kAck),
      segment(other, kAck), segment(other, kRst), segment(other, kSyn)};
  const uint8_t expected[] = {kNewTracked, kReplied, kKnown, kNewTracked, kReplied, kKnown, kKnown, kNewTracked};
  CtResult results[std::size(packets)];
  tracked.conntrack->worker(0).track(1, tracked.request, packets, std::size(packets), tracked.now, false, results);
  for (uint32_t i = 0; i < std::size(packets); ++i) {
    CAPTURE(i);
    CHECK(results[i].verdict == CtVerdict::ok);
    CHECK(results[i].state == expected[i]);
  }
  CHECK(tracked.list().size() == 2);
}

TEST_CASE("ct: a trial changes nothing") {
  Tracked tracked;
  CHECK(tracked.track(packet(kUdp), true).state == kNewTracked);
  CHECK(tracked.list().empty());
  tracked.state(packet(kUdp));
  tracked.after(1000);
  CHECK(tracked.track(packet(back(kUdp)), true).state == kReplied);
  CHECK(tracked.only() == CtState::first);
  CHECK(tracked.list()[0].timeout_ms == 29'000);
  CHECK(tracked.counter(CtCounter::created) == 1);
}

TEST_CASE("ct: a connection expires by its time-out, on a look-up or by the sweep") {
  Tracked tracked;
  tracked.state(packet(kUdp));
  tracked.after(29'000);
  CHECK(tracked.state(packet(kUdp)) == kNewTracked);  // refreshed
  tracked.after(29'999);
  CHECK(tracked.list().size() == 1);
  tracked.after(1);
  CHECK(tracked.list().empty());
  SUBCASE("look-up") {
    tracked.request.commit = false;
    CHECK(tracked.state(packet(kUdp)) == kNewTracked);
  }
  SUBCASE("sweep") { tracked.sweep_all(); }
  CHECK(tracked.counter(CtCounter::expired) == 1);
  CHECK(tracked.counter(CtCounter::entries) == 0);
  CHECK(tracked.counter(CtCounter::half_open) == 0);
  CHECK(tracked.conntrack->usage().entries == 0);
}

TEST_CASE("ct: the sweep finds what expired everywhere, in slices, and a time-out that became shorter") {
  Tracked tracked(Tracked::options(5000));
  for (uint32_t i = 0; i < 4000; ++i) tracked.state(packet(tuple(17, 0x0a000000 + i, 1, 0x0b000000, 2)));
  const CtTuple tcp = tuple(6, 1, 1, 2, 2);
  for (const uint8_t flags : {+kSyn, kSyn | kAck, +kAck}) {
    tracked.track(segment((flags & kSyn) != 0 && (flags & kAck) != 0 ? back(tcp) : tcp, flags));
  }
  tracked.after(29'000);
  tracked.track(segment(tcp, kRst));  // 10 s from now
  tracked.sweep_all();
  CHECK(tracked.conntrack->usage().entries == 4001);
  tracked.sweep_all();
  CHECK(tracked.counter(CtCounter::expired) == 4000);
  CHECK(tracked.conntrack->usage().entries == 1);
  for (uint32_t i = 0; i < 10; ++i) tracked.sweep_all();
  CHECK(tracked.conntrack->usage().entries == 0);
  CHECK(tracked.counter(CtCounter::closed) == 1);
}

TEST_CASE("ct: records are used again and again") {
  Tracked tracked(Tracked::options(16));
  for (uint32_t round = 0; round < 1000; ++round) {
    for (uint32_t i = 0; i < 16; ++i) {
      REQUIRE(tracked.track(packet(tuple(17, 0x0a000000 + round, i, 0x0b000000, 2))).verdict == CtVerdict::ok);
    }
    tracked.after(30'000);
    tracked.sweep_all();
    REQUIRE(tracked.conntrack->usage().entries == 0);
  }
}

TEST_CASE("ct: lists are filtered and come in pages") {
  Tracked tracked;
  for (uint16_t i = 0; i < 10; ++i) {
    tracked.request.zone = i % 2;
    tracked.state(packet(tuple(i < 5 ? 17 : 132, 0x0a000000 + i, 1000 + i, 0x0b000000, 53)));
  }
  CtFilter filter;
  filter.proto = 17;
  CHECK(tracked.conntrack->count(filter, tracked.now) == 5);
  filter.zone = 1;
  CHECK(tracked.conntrack->count(filter, tracked.now) == 2);
  filter.port = 1001;
  CHECK(tracked.conntrack->count(filter, tracked.now) == 1);
  filter.slot = 2;
  CHECK(tracked.conntrack->count(filter, tracked.now) == 0);
  uint32_t seen = 0;
  uint32_t cursor = 0;
  do {
    const CtPage page = tracked.conntrack->list({}, 3, cursor, tracked.now);
    CHECK(page.connections.size() <= 3);
    seen += page.connections.size();
    cursor = page.cursor;
  } while (cursor != 0);
  CHECK(seen == 10);
  filter = {};
  filter.zone = 0;
  CHECK(tracked.conntrack->flush(filter, tracked.now) == 5);
  CHECK(tracked.list().size() == 5);
  CHECK(tracked.counter(CtCounter::flushed) == 5);
}

TEST_CASE("ct: later fragments") {
  CtOptions options = Tracked::options();
  CtPacket first = packet(kUdp);
  first.first_fragment = true;
  first.fragment_id = 7;
  CtPacket later = first;
  later.first_fragment = false;
  later.later_fragment = true;
  later.tuple.src_port = later.tuple.dst_port = 0;
  SUBCASE("are dropped by default") {
    Tracked tracked(options);
    tracked.state(first);
    CHECK(tracked.track(later).verdict == CtVerdict::fragment);
    CHECK(tracked.counter(CtCounter::fragments_dropped) == 1);
  }
  SUBCASE("follow the first") {
    options.follow_fragments = true;
    Tracked tracked(options);
    tracked.request.nat = true;
    tracked.request.range.kind = CtNatKind::src;
    tracked.request.range.family = 4;
    set_address(tracked.request.range.low, 0xc0000201);
    set_address(tracked.request.range.high, 0xc0000201);
    CHECK(tracked.track(later).verdict == CtVerdict::fragment);
    CHECK(tracked.track(first).state == (kNewTracked | kCtSourceNat));
    const CtResult result = tracked.track(later);
    CHECK(result.verdict == CtVerdict::ok);
    CHECK(result.state == (kNewTracked | kCtSourceNat));
    CHECK(result.translate);
    CHECK(result.to.src[0] == 192);
    later.fragment_id = 8;
    CHECK(tracked.track(later).verdict == CtVerdict::fragment);
    later.fragment_id = 7;
    tracked.after(30'001);
    CHECK(tracked.track(later).verdict == CtVerdict::fragment);
  }
}
