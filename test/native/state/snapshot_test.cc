#include <random>

#include "state/ct_restorer.h"
#include "state/tracked.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

const CtTuple kTcp = tuple(6, 0x0a000001, 1000, 0x0b000001, 80);
const CtTuple kPing = tuple(1, 0x0a000001, 77, 0x0b000001, 77);

void fill(Tracked& tracked) {
  CtRequest& request = tracked.request;
  request.zone = 3;
  request.mark = 7;
  request.mark_mask = UINT32_MAX;
  request.label[15] = 9;
  request.label_mask[15] = 0xff;
  request.nat = true;
  request.range.kind = CtNatKind::src;
  request.range.family = 4;
  set_address(request.range.low, 0xc0000201);
  set_address(request.range.high, 0xc0000201);
  const CtTuple to = tracked.track(segment(kTcp, kSyn, 100)).to;
  tracked.track(segment(back(to), kSyn | kAck, 500, 101));
  tracked.track(segment(kTcp, kAck, 101, 501));
  tracked.track(packet(kPing, CtKind::kIcmpRequest));
  tracked.track(packet(tuple6(17, 1, 5000, 2, 53)));
}

std::vector<uint8_t> with(const std::vector<uint8_t>& snapshot, void (*change)(CtSaved&)) {
  // The record of TCP is changed, and the header fits.
  std::vector<uint8_t> bytes = snapshot;
  for (size_t at = sizeof(CtSavedHeader); at + sizeof(CtSaved) <= bytes.size(); at += sizeof(CtSaved)) {
    CtSaved saved;
    memcpy(&saved, bytes.data() + at, sizeof saved);
    if (saved.proto != 6) continue;
    change(saved);
    memcpy(bytes.data() + at, &saved, sizeof saved);
  }
  CtSavedHeader header;
  memcpy(&header, bytes.data(), sizeof header);
  header.checksum = snapshot_checksum(bytes.data() + sizeof header, bytes.size() - sizeof header);
  memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

}  // namespace

TEST_CASE("ct snapshot: connections go on elsewhere as they were") {
  CtOptions options = Tracked::options();
  options.check_window = true;
  Tracked from(options);
  fill(from);
  const auto bytes = from.conntrack->snapshot(from.now);
  Tracked to(options);
  to.now += 12'345'678;  // its clock is another
  auto restored = to.conntrack->restore(bytes, to.now);
  REQUIRE(restored.ok());
  CHECK(restored.value().restored == 3);
  CHECK(restored.value().skipped == 0);
  CHECK(to.counter(CtCounter::entries) == 3);
  CHECK(to.counter(CtCounter::half_open) == 2);
  const auto before = from.list();
  for (const CtConnection& one : before) {
    CtFilter filter;
    filter.proto = one.original.proto;
    const auto found = to.list(filter);
    REQUIRE(found.size() == 1);
    CHECK(found[0].original == one.original);
    CHECK(found[0].reply == one.reply);
    CHECK(found[0].state == one.state);
    CHECK(found[0].timeout_ms == one.timeout_ms);
    CHECK(found[0].mark == 7);
    CHECK(found[0].label[15] == 9);
    CHECK(found[0].zone == 3);
  }
  to.request = {};
  to.request.zone = 3;
  to.request.nat = true;
  const CtResult result = to.track(segment(kTcp, kAck, 101, 501, 10));
  CHECK(result.state == (kKnown | kCtSourceNat));
  CHECK(result.to.src[0] == 192);
  CHECK(to.track(segment(kTcp, kAck, 900'000'000, 501, 10)).state == kInvalidTracked);  // windows came with it
  CHECK(to.track(packet(back(tuple6(17, 1, 5000, 2, 53)))).state == kReplied);
  // The other side has gone on by megabytes since, which were acknowledged.
  const CtTuple answer = turned(result.to);
  CHECK(to.track(segment(kTcp, kAck, 111, 5'000'501)).state == (kKnown | kCtSourceNat));
  CHECK(to.track(segment(answer, kAck, 5'000'501, 111, 100)).state == (kReplied | kCtDestinationNat));
  // What went there before the snapshot's end was said again; it is acknowledged with all that followed.
  CHECK(to.track(segment(answer, kAck, 5'000'601, 2'000'000)).state == (kReplied | kCtDestinationNat));
  CHECK(to.track(segment(answer, kAck, 900'000'000, 111, 100)).state == kInvalidTracked);
  CHECK(to.track(segment(kTcp, kAck, 111, 900'000'000)).state == kInvalidTracked);
  // Again: all are known.
  auto again = to.conntrack->restore(bytes, to.now);
  CHECK(again.value().restored == 0);
  CHECK(again.value().skipped == 3);
  CHECK(to.counter(CtCounter::entries) == 3);
}

TEST_CASE("ct snapshot: limits hold for what is restored") {
  Tracked from;
  for (uint32_t i = 0; i < 20; ++i) from.track(packet(tuple(17, i, 1, 2, 3)));
  const auto bytes = from.conntrack->snapshot(from.now);
  CtOptions options = Tracked::options();
  options.limits[1].entries = 8;
  Tracked to(options);
  CHECK(to.conntrack->restore(bytes, to.now).value().restored == 8);
  Tracked small(Tracked::options(5));
  CHECK(small.conntrack->restore(bytes, small.now).value().restored == 5);
  CHECK(small.conntrack->usage().entries == 5);
}

TEST_CASE("ct snapshot: nothing of it is believed") {
  Tracked from;
  fill(from);
  const auto bytes = from.conntrack->snapshot(from.now);
  Tracked to;
  const auto restore = [&](const std::vector<uint8_t>& what) { return to.conntrack->restore(what, to.now); };
  for (size_t length = 0; length < bytes.size(); ++length) {
    REQUIRE_FALSE(restore({bytes.begin(), bytes.begin() + length}).ok());
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= 0x10;
    REQUIRE_FALSE(restore(damaged).ok());
  }
  CHECK(to.list().empty());
  // A good checksum over what cannot be.
  for (void (*change)(CtSaved&) : std::initializer_list<void (*)(CtSaved&)>{
           [](CtSaved& saved) { saved.slot = 64; }, [](CtSaved& saved) { saved.family = 5; },
           [](CtSaved& saved) { saved.state = 9; }, [](CtSaved& saved) { saved.state = 0; },
           [](CtSaved& saved) { saved.flags |= 0x100; }, [](CtSaved& saved) { saved.flags |= 0x60; },
           [](CtSaved& saved) { saved.flags ^= 0x20; }, [](CtSaved& saved) { saved.ends[0].src[9] = 1; },
           [](CtSaved& saved) { saved.ends[1].src[0] ^= 1; }, [](CtSaved& saved) { saved.side[1].scale = 200; },
           [](CtSaved& saved) { saved.proto = 17; }}) {
    Tracked fresh;
    auto result = fresh.conntrack->restore(with(bytes, change), fresh.now);
    REQUIRE(result.ok());
    CHECK(result.value().restored == 2);
    CHECK(result.value().skipped == 1);
  }
  auto long_lived = to.conntrack->restore(with(bytes, [](CtSaved& saved) { saved.timeout_ms = UINT32_MAX; }), to.now);
  CHECK(long_lived.value().restored == 3);
  for (const CtConnection& connection : to.list()) CHECK(connection.timeout_ms <= 432'000'000);
}

TEST_CASE("ct snapshot: random records crash nothing, and leave a table that works") {
  Tracked from;
  fill(from);
  const auto bytes = from.conntrack->snapshot(from.now);
  std::mt19937 random(1);
  Tracked to(Tracked::options(200));
  for (uint32_t round = 0; round < 5000; ++round) {
    auto changed = bytes;
    for (uint32_t i = 0; i < 4; ++i) {
      changed[sizeof(CtSavedHeader) + random() % (bytes.size() - sizeof(CtSavedHeader))] = static_cast<uint8_t>(random());
    }
    REQUIRE(to.conntrack->restore(with(changed, [](CtSaved&) {}), to.now).ok());
  }
  CHECK(to.list().size() > 100);
  to.conntrack->flush({}, to.now);
  for (uint32_t i = 0; i < 150; ++i) to.sweep_all();  // mappings, which some became
  CHECK(to.conntrack->usage().entries == 0);
  CHECK(to.conntrack->restore(bytes, to.now).value().restored == 3);
}
