// What the action conntrack refuses and what it is compiled to. What it does: pipeline/conntrack_test.cc.
#include <doctest/doctest.h>

#include "action/conntrack.h"
#include "support/conntrack.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

bool is_taken(const Ct& ct) { return !ThroughConntrack::check(conntrack(ct)); }

}  // namespace

TEST_CASE("conntrack is compiled as it was written") {
  Ct ct;
  ct.zone = 513;
  ct.flags = kCommit | kNat | kSourceRange | 16;
  ct.family = 4;
  ct.mark = 5, ct.mark_mask = 0xff;
  ct.port_low = 1024, ct.port_high = 2047;
  ct.port_block = 64;
  ct.low = hex("0a000001"), ct.high = hex("0a000003");
  const Action action = conntrack(ct);
  REQUIRE(!ThroughConntrack::check(action));
  std::vector<Op> ops;
  ThroughConntrack::append(action, ops);
  const auto& request = ops.front().payload<CtRequest>();
  CHECK(request.zone == 513);
  CHECK(request.commit);
  CHECK(request.nat);
  CHECK(request.mark == 5);
  CHECK(request.mark_mask == 0xff);
  CHECK(request.range.kind == CtNatKind::src);
  CHECK(request.range.family == 4);
  CHECK(request.range.random);
  CHECK(!request.range.persistent);
  CHECK(request.range.port_low == 1024);
  CHECK(request.range.port_high == 2047);
  CHECK(request.range.port_block == 64);
  CHECK(request.range.low[3] == 1);
  CHECK(request.range.high[3] == 3);
}

TEST_CASE("conntrack refuses what contradicts itself") {
  CHECK(is_taken({}));
  CHECK(is_taken({.zone = 65535, .flags = kNat}));
  CHECK(!is_taken({.flags = 64}));
  CHECK(!is_taken({.mark = 1, .mark_mask = 1}));
  CHECK(is_taken({.flags = kCommit, .mark = 1, .mark_mask = 1}));
  CHECK(!is_taken({.flags = kCommit, .mark = 2, .mark_mask = 1}));
  Action cut = conntrack({});
  cut.payload.pop_back();
  CHECK(ThroughConntrack::check(cut));
}

TEST_CASE("conntrack refuses ranges that are none") {
  Ct ct;
  ct.flags = kCommit | kNat | kSourceRange;
  ct.family = 4;
  ct.low = hex("0a000001"), ct.high = hex("0a000003");
  CHECK(is_taken(ct));
  const auto refused = [&ct](auto change) {
    Ct changed = ct;
    change(changed);
    return !is_taken(changed);
  };
  CHECK(refused([](Ct& c) { c.high = hex("0a000000"); }));
  CHECK(refused([](Ct& c) { c.family = 0; }));
  CHECK(refused([](Ct& c) { c.family = 5; }));
  CHECK(refused([](Ct& c) { c.flags |= kDestinationRange; }));
  CHECK(refused([](Ct& c) { c.flags &= static_cast<uint8_t>(~kCommit); }));
  CHECK(refused([](Ct& c) { c.flags &= static_cast<uint8_t>(~kNat); }));
  CHECK(refused([](Ct& c) { c.port_high = 5; }));
  CHECK(refused([](Ct& c) { c.port_low = 6, c.port_high = 5; }));
  CHECK(refused([](Ct& c) { c.port_block = 65'537; }));
  CHECK(refused([](Ct& c) {
    c.low =
        hex("0a00000100"
            "01");
  }));
  CHECK(refused([](Ct& c) { c.prefix_bits = 24; }));
  CHECK(refused([](Ct& c) { c.prefix_bits = 33, c.high = c.low; }));
  CHECK(refused([](Ct& c) { c.prefix_bits = 24, c.high = c.low; }));
  CHECK(!refused([](Ct& c) { c.prefix_bits = 24, c.low = c.high = hex("0a000000"); }));
}
