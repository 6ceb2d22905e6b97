#include "action/mirror.h"

#include <doctest/doctest.h>

#include <random>

#include "support/action_bench.h"
#include "support/traffic.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

Action mirror(PortNumber port, uint32_t one_in, uint32_t bytes) {
  Action action{};
  action.kind = ActionKind::mirror;
  action.argument = port;
  action.value = static_cast<Value128>(bytes) << 32 | one_in;
  return action;
}

}  // namespace

TEST_CASE("mirror: a copy of every packet, or its first bytes; the packet goes on") {
  ActionBench bench;
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const Bytes packet = random_packet("tcp4", random);
    const uint32_t most = round % 3 == 0 ? 0 : 20 + random() % 200;
    Layout layout;
    if (round % 2 == 0) layout.segments = {50, 7};
    const Outcome outcome = bench.run({step<Mirror>(mirror(ActionBench::kOpen, 1, most))}, packet, layout);
    CHECK(to_hex(outcome.packet) == to_hex(packet));
    const std::vector<Bytes> copies = bench.sent();
    REQUIRE(copies.size() == 1);
    const size_t bytes = most == 0 ? packet.size() : std::min<size_t>(most, packet.size());
    CHECK(to_hex(copies[0]) == to_hex(Bytes(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(bytes))));
  }
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("mirror: one packet in so many") {
  ActionBench bench;
  std::mt19937 random(2);
  const Bytes packet = random_packet("udp4", random);
  const Step one_in_ten = step<Mirror>(mirror(ActionBench::kOpen, 10, 0));
  size_t copies = 0;
  for (int i = 0; i < 10'000; ++i) {
    bench.run({one_in_ten}, packet);
    copies += bench.sent().size();
  }
  // Five standard deviations of 30.
  CHECK(copies > 850);
  CHECK(copies < 1150);
}

TEST_CASE("mirror: what becomes of no copy has a name, and is no drop of the packet") {
  ActionBench bench;
  std::mt19937 random(3);
  const Bytes packet = random_packet("udp4", random);
  CHECK(!bench.run({step<Mirror>(mirror(ActionBench::kGone, 1, 0))}, packet).drop);
  CHECK(bench.drops(DropReason::output_port_gone) == 1);
  CHECK(!bench.run({step<Mirror>(mirror(1, 1, 0))}, packet).drop);
  CHECK(bench.drops(DropReason::output_is_ingress) == 1);
  CHECK(bench.sent().empty());
}

TEST_CASE("mirror: operands out of range are refused") {
  CHECK(!Mirror::check(mirror(1, 1, 0)));
  CHECK(Mirror::check(mirror(1, 0, 0)));
  CHECK(Mirror::check(mirror(0, 1, 0)));
  CHECK(Mirror::check(mirror(kMaxPort + 1, 1, 0)));
}
