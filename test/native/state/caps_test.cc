#include "state/tracked.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

CtTuple flow(uint32_t number) { return tuple(6, 0x0a000000 + number, 1000, 0x0b000000, 80); }

CtVerdict begin(Tracked& tracked, uint32_t number) { return tracked.track(segment(flow(number), kSyn)).verdict; }

void establish(Tracked& tracked, uint32_t number) {
  REQUIRE(begin(tracked, number) == CtVerdict::ok);
  tracked.track(segment(back(flow(number)), kSyn | kAck));
  REQUIRE(tracked.track(segment(flow(number), kAck)).state == kKnown);
}

}  // namespace

TEST_CASE("ct caps: the table is full when no half-open one of the tenant makes room") {
  Tracked tracked(Tracked::options(8));
  for (uint32_t i = 0; i < 8; ++i) establish(tracked, i);
  CHECK(begin(tracked, 8) == CtVerdict::table_full);
  CHECK(tracked.track(segment(flow(8), kSyn), true).verdict == CtVerdict::table_full);
  CHECK(tracked.counter(CtCounter::table_full) == 1);
  CHECK(tracked.track(segment(flow(0), kAck)).state == kKnown);
  tracked.conntrack->flush({}, tracked.now);
  CHECK(begin(tracked, 8) == CtVerdict::ok);
}

TEST_CASE("ct caps: a tenant's own") {
  CtOptions options = Tracked::options();
  options.limits[1].entries = 4;
  Tracked tracked(options);
  for (uint32_t i = 0; i < 4; ++i) establish(tracked, i);
  CHECK(begin(tracked, 4) == CtVerdict::tenant_full);
  CHECK(tracked.counter(CtCounter::tenant_full) == 1);
  CHECK(tracked.counter(CtCounter::entries) == 4);
  tracked.slot = 2;
  for (uint32_t i = 0; i < 10; ++i) CHECK(begin(tracked, i) == CtVerdict::ok);
}

TEST_CASE("ct caps: a zone's own") {
  Tracked tracked;
  tracked.conntrack->set_zone_limit(1, 5, 2, 0);
  tracked.request.zone = 5;
  CHECK(begin(tracked, 0) == CtVerdict::ok);
  CHECK(begin(tracked, 1) == CtVerdict::ok);
  CHECK(begin(tracked, 2) == CtVerdict::zone_full);
  CHECK(tracked.counter(CtCounter::zone_full) == 1);
  tracked.request.zone = 6;
  CHECK(begin(tracked, 2) == CtVerdict::ok);
  tracked.slot = 2;
  tracked.request.zone = 5;
  for (uint32_t i = 0; i < 3; ++i) CHECK(begin(tracked, i) == CtVerdict::ok);
}

TEST_CASE("ct caps: new connections a second, of a tenant and of a zone") {
  CtOptions options = Tracked::options(1000);
  options.limits[1].new_per_second = 10;
  Tracked tracked(options);
  tracked.conntrack->set_zone_limit(1, 5, 0, 2);
  uint32_t next = 0;
  const auto accepted = [&](uint32_t tried) {
    uint32_t ok = 0;
    for (uint32_t i = 0; i < tried; ++i) ok += begin(tracked, next++) == CtVerdict::ok;
    return ok;
  };
  CHECK(accepted(20) == 10);
  CHECK(tracked.counter(CtCounter::rate_exceeded) == 10);
  tracked.after(500);
  CHECK(accepted(20) == 5);
  tracked.after(100'000);
  CHECK(accepted(20) == 10);
  tracked.after(1000);
  tracked.request.zone = 5;
  CHECK(accepted(20) == 2);
  // Known connections are not new.
  tracked.request.zone = 0;
  CHECK(tracked.track(segment(flow(0), kSyn)).verdict == CtVerdict::ok);
}

TEST_CASE("ct caps: a SYN flood evicts half-open connections of its own tenant, oldest first, and no others") {
  CtOptions options = Tracked::options(4096);
  options.limits[1].half_open = 100;
  Tracked tracked(options);
  for (uint32_t i = 0; i < 200; ++i) establish(tracked, 1'000'000 + i);
  tracked.slot = 2;
  for (uint32_t i = 0; i < 50; ++i) REQUIRE(begin(tracked, i) == CtVerdict::ok);
  tracked.slot = 1;
  for (uint32_t i = 0; i < 100'000; ++i) REQUIRE(begin(tracked, i) == CtVerdict::ok);
  CHECK(tracked.counter(CtCounter::half_open) == 100);
  CHECK(tracked.counter(CtCounter::evicted) == 99'900);
  CHECK(tracked.counter(CtCounter::entries) == 300);
  CHECK(tracked.counter(CtCounter::entries, 2) == 50);
  CHECK(tracked.counter(CtCounter::evicted, 2) == 0);
  tracked.request.commit = false;
  for (uint32_t i = 0; i < 200; ++i) REQUIRE(tracked.track(segment(flow(1'000'000 + i), kAck)).state == kKnown);
  // The youngest are those that are left.
  CHECK(tracked.track(segment(back(flow(99'900)), kSyn | kAck)).state == kReplied);
  CHECK(tracked.track(segment(back(flow(99'899)), kSyn | kAck)).state == kInvalidTracked);
}

TEST_CASE("ct caps: under a flood without a limit of half-open ones, those make room for others") {
  CtOptions options = Tracked::options(64);
  options.limits[1].entries = 32;
  Tracked tracked(options);
  for (uint32_t i = 0; i < 1000; ++i) REQUIRE(begin(tracked, i) == CtVerdict::ok);
  CHECK(tracked.counter(CtCounter::entries) == 32);
  establish(tracked, 5000);
  for (uint32_t i = 0; i < 1000; ++i) REQUIRE(begin(tracked, i) == CtVerdict::ok);
  CHECK(tracked.track(segment(flow(2000), kSyn), true).verdict == CtVerdict::ok);
  CHECK(tracked.track(segment(flow(5000), kAck)).state == kKnown);
}

TEST_CASE("ct caps: options are checked") {
  auto rcu = Rcu::make(1);
  CtOptions options = Tracked::options(0);
  CHECK_FALSE(Conntrack::make(options, rcu.value()).ok());
  options = Tracked::options();
  options.timeouts_ms[0] = 0;
  CHECK_FALSE(Conntrack::make(options, rcu.value()).ok());
  options = Tracked::options();
  options.workers = 0;
  CHECK_FALSE(Conntrack::make(options, rcu.value()).ok());
}
