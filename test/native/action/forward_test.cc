// The common program as one step beside the same actions as they are written one by one.
#include "action/forward.h"

#include <doctest/doctest.h>

#include <random>

#include "support/bench_ports.h"
#include "support/plain.h"
#include "support/rules.h"
#include "support/traffic.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

constexpr uint64_t kSrc = 0x02000000000a;
constexpr uint64_t kDst = 0x02000000000b;

// A set_field under a mask is no part of the step: it keeps the other actions ops.
std::vector<Action> as_ops(std::vector<Action> actions) {
  actions.insert(actions.begin(), set_masked("eth_src", 0, 0));
  return actions;
}

const ActionProgram& program_of(const Bench& bench) { return bench.program().programs[0]; }

// What the switch counts: drops by reason, then packets and bytes of the rule.
std::vector<uint64_t> counts(const Bench& bench) {
  std::vector<uint64_t> all;
  for (uint32_t reason = 0; reason < kDropReasons; ++reason) all.push_back(bench.drops(1, static_cast<DropReason>(reason)));
  all.push_back(bench.counters().rules[0].packets.read());
  all.push_back(bench.counters().rules[0].bytes.read());
  return all;
}

struct Outcome {
  std::vector<Sent> sent;
  std::vector<uint64_t> counted;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome run(Bench& bench, std::vector<Action> actions, const std::vector<Bytes>& packets, bool is_step) {
  REQUIRE(!bench.install({rule(0, 1, 1, {}, std::move(actions))}));
  CHECK((program_of(bench).forward() != nullptr) == is_step);
  const std::vector<uint64_t> before = counts(bench);
  Outcome outcome{bench.run(2, packets), counts(bench)};
  for (size_t i = 0; i < before.size(); ++i) outcome.counted[i] -= before[i];
  CHECK(bench.buffers_in_use() == 0);
  return outcome;
}

}  // namespace

TEST_CASE("a program that is one step does what its actions do") {
  Bench bench;
  std::mt19937 random(5);
  const std::vector<std::vector<Action>> programs = {
      {output(3)},
      {set_dst(kDst), output(3)},
      {set_src(kSrc), output(3)},
      {set_src(kSrc), set_dst(kDst), output(3)},
      {kDecTtl, output(3)},
      {kDecTtl, set_dst(kDst), set_src(kSrc), output(3)},
      {set_dst(kDst), kDecTtl, set_src(kSrc), output(3)},
      {set_dst(kDst), kDecTtl, set_src(kSrc), output(2)},  // to where it came from
      {set_dst(kDst), output(9)},                          // which is not open
  };
  for (const auto& actions : programs) {
    std::vector<Bytes> packets;
    while (packets.size() < kBurst) {
      Bytes packet = random_packet(kinds()[random() % kinds().size()], random);
      const Plain plain = read_plain(packet);
      if (plain.ipv4 != 0 && random() % 4 == 0) packet[plain.ipv4 + 8] = static_cast<uint8_t>(random() % 3);
      mend_ipv4(packet);
      packets.push_back(std::move(packet));
    }
    CHECK(run(bench, actions, packets, true) == run(bench, as_ops(actions), packets, false));
  }
}

TEST_CASE("programs that do more, or something between, are no such step") {
  Bench bench;
  for (const auto& actions : std::vector<std::vector<Action>>{
           {output(3), output(1)},
           {output(3), set_dst(kDst)},
           {kDecTtl, kDecTtl, output(3)},
           {set_dst(kDst), go_to(1)},
           {set_dst(kDst)},
           {set_masked("eth_dst", 1, 1), output(3)},
           {act(ActionKind::output, kFlood)},
       }) {
    REQUIRE(!bench.install({rule(0, 1, 1, {}, actions)}));
    CHECK(program_of(bench).forward() == nullptr);
  }
}
