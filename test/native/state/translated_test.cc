// A second conntrack of a zone that translated the packet: it is of the same connection.
#include "state/translated.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

// As the first conntrack leaves a packet, and what the second says of it.
struct Twice : Translated {
  explicit Twice(const CtNat& nat, const CtOptions& options = Tracked::options(1000)) : Translated(nat, options) {}

  CtResult again(CtPacket packet, const CtResult& first, bool is_trial = false) {
    packet.tuple = first.to;
    CtResult result{};
    const auto nat = static_cast<uint8_t>(first.state & kCtTranslated);
    conntrack->worker(0).track_translated(slot, request, &packet, 1, now, is_trial, nat, &result);
    return result;
  }
  CtResult twice(const CtPacket& packet) {
    const CtResult first = track(packet);
    REQUIRE(first.translate);
    const CtResult second = again(packet, first);
    CHECK(second.state == first.state);
    CHECK(second.translate == request.nat);
    if (second.translate) CHECK(second.to == first.to);
    return first;
  }
};

}  // namespace

TEST_CASE("ct nat again: the connection is the same, in the same direction") {
  for (const uint8_t family : {4, 6}) {
    CtNat nat = source(kOutside, kOutside);
    nat.family = family;
    Twice tracked(nat);
    const CtTuple inside = family == 4 ? tuple(6, 0x0a000001, 5000, kServer, 80) : tuple6(6, 1, 5000, 2, 80);
    const CtResult there = tracked.twice(segment(inside, kSyn));
    CHECK(there.state == (kNewTracked | kCtSourceNat));
    const CtTuple answer = back(there.to);
    CHECK(tracked.twice(segment(answer, kSyn | kAck)).state == (kReplied | kCtDestinationNat));
    CHECK(tracked.twice(segment(inside, kAck)).state == (kKnown | kCtSourceNat));
    CHECK(tracked.twice(packet(answer, CtKind::kIcmpError)).state == (kCtRelated | kCtReply | kCtTracked | kCtDestinationNat));
    CHECK(tracked.twice(packet(inside, CtKind::kIcmpError)).state == (kCtRelated | kCtTracked | kCtSourceNat));
    CHECK(tracked.twice(segment(inside, kRst)).state == (kKnown | kCtSourceNat));
    CHECK(tracked.only() == CtState::closed);
    CHECK(tracked.counter(CtCounter::created) == 1);
  }
}

TEST_CASE("ct nat again: a commit marks the connection") {
  CtNat nat = source(0x0a000101, 0x0a000101, 8080, 8080);
  nat.kind = CtNatKind::dst;
  Twice tracked(nat);
  const CtResult first = tracked.twice(packet(client(1, 5000)));
  tracked.request.mark = 7;
  tracked.request.mark_mask = 7;
  CHECK(tracked.again(packet(client(1, 5000)), first).mark == 7);
  const auto connections = tracked.list();
  REQUIRE(connections.size() == 1);
  CHECK(connections[0].mark == 7);
}

TEST_CASE("ct nat again: without nat nothing is translated, and the packet stays a translated one") {
  Twice tracked(source(kOutside, kOutside));
  const CtResult first = tracked.track(packet(client(1, 5000)));
  tracked.request = {};
  const CtResult second = tracked.again(packet(client(1, 5000)), first);
  CHECK(second.state == (kNewTracked | kCtSourceNat));
  CHECK_FALSE(second.translate);
}

TEST_CASE("ct nat again: queries of ICMP and errors about them") {
  Twice tracked(source(kOutside, kOutside));
  const CtTuple query = tuple(1, 0x0a000001, 77, kServer, 77);
  const CtResult there = tracked.twice(packet(query, CtKind::kIcmpRequest));
  CHECK(tracked.twice(packet(back(there.to), CtKind::kIcmpReply)).state == (kReplied | kCtDestinationNat));
  CHECK(tracked.twice(packet(back(there.to), CtKind::kIcmpError)).state ==
        (kCtRelated | kCtReply | kCtTracked | kCtDestinationNat));
  CHECK(tracked.twice(packet(query, CtKind::kIcmpError)).state == (kCtRelated | kCtTracked | kCtSourceNat));
}

TEST_CASE("ct nat again: fragments") {
  CtOptions options = Tracked::options();
  options.follow_fragments = true;
  Twice tracked(source(kOutside, kOutside, 7000, 7000), options);
  CtPacket first = packet(client(1, 5000));
  first.first_fragment = true;
  first.fragment_id = 7;
  CHECK(tracked.twice(first).to.src_port == wire(7000));
  CtPacket later = first;
  later.first_fragment = false;
  later.later_fragment = true;
  later.tuple.src_port = later.tuple.dst_port = 0;
  const CtResult result = tracked.track(later);
  REQUIRE(result.translate);
  CtPacket moved = later;
  memcpy(moved.tuple.src, result.to.src, sizeof moved.tuple.src);
  CtResult second{};
  tracked.conntrack->worker(0).track_translated(1, tracked.request, &moved, 1, tracked.now, false, kCtSourceNat, &second);
  CHECK(second.verdict == CtVerdict::ok);
  CHECK(second.state == (kNewTracked | kCtSourceNat));
  CHECK(second.to == result.to);
}

TEST_CASE("ct nat again: a trial goes on with the connection that was not made") {
  Twice tracked(source(kOutside, kOutside));
  const CtResult first = tracked.track(packet(client(1, 5000)), true);
  const CtResult second = tracked.again(packet(client(1, 5000)), first, true);
  CHECK(second.state == (kNewTracked | kCtSourceNat));
  CHECK_FALSE(second.translate);
  CHECK(tracked.list().empty());
}

TEST_CASE("ct nat again: what has other endpoints meanwhile, or no connection any more, is another one") {
  Twice tracked(source(kOutside, kOutside));
  const CtResult first = tracked.track(packet(client(1, 5000)));
  tracked.request.nat = false;
  CtResult moved = first;
  moved.to.dst_port = wire(54);
  CHECK(tracked.again(packet(client(1, 5000)), moved).state == kNewTracked);
  CHECK(tracked.list().size() == 2);
  tracked.conntrack->flush({}, tracked.now);
  tracked.request.commit = false;
  CHECK(tracked.again(packet(client(1, 5000)), first).state == kNewTracked);
  CHECK(tracked.list().empty());
}
