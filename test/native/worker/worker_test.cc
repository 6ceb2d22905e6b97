#include <doctest/doctest.h>

#include <algorithm>

#include "worker/assignment.h"
#include "worker/idle.h"

using namespace vswitch;

TEST_CASE("every queue has one worker, and no worker two more than another") {
  for (uint32_t workers = 1; workers <= 5; ++workers) {
    for (uint16_t ports = 0; ports <= 6; ++ports) {
      std::vector<PortQueues> queues;
      size_t total = 0;
      for (PortNumber port = 1; port <= ports; ++port) {
        queues.push_back({port, static_cast<uint16_t>(port + 100), static_cast<uint16_t>(port % 3 + 1)});
        total += port % 3 + 1;
      }
      const auto assigned = assign_queues(queues, workers);
      REQUIRE(assigned.size() == workers);
      size_t least = total;
      size_t most = 0;
      std::vector<std::pair<PortNumber, uint16_t>> seen;
      for (const auto& list : assigned) {
        least = std::min(least, list.size());
        most = std::max(most, list.size());
        for (const RxQueue& rx : list) {
          CHECK(rx.device == rx.port + 100);
          seen.emplace_back(rx.port, rx.queue);
        }
      }
      std::sort(seen.begin(), seen.end());
      CHECK(seen.size() == total);
      CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
      CHECK(most - least <= 1);
    }
  }
}

TEST_CASE("an idle worker polls, pauses, then sleeps up to its bound, and starts over when a packet came") {
  IdlePolicy idle(100);
  using Next = IdlePolicy::Next;
  CHECK(idle.idle() == Next::kPoll);
  while (idle.idle() == Next::kPoll) {
  }
  Next next = Next::kPause;
  while (next == Next::kPause) next = idle.idle();
  CHECK(next == Next::kSleep);
  uint32_t before = 0;
  for (int i = 0; i < 10; ++i) {
    const uint32_t sleep = idle.take_sleep_us();
    CHECK(sleep >= before);
    CHECK(sleep <= 100);
    before = sleep;
  }
  CHECK(before == 100);
  idle.busy();
  CHECK(idle.idle() == Next::kPoll);
}

TEST_CASE("past a millisecond a worker sleeps for no more than a small part of the time that nothing came") {
  constexpr uint32_t kBoundUs = 10'000;
  IdlePolicy idle(kBoundUs);
  uint64_t quiet_us = 0;
  const auto longest_until = [&](uint64_t until_us) {
    uint32_t longest = 0;
    while (quiet_us < until_us) {
      const uint32_t sleep = idle.take_sleep_us();
      CHECK(sleep <= std::max<uint64_t>(1000, quiet_us / 512));
      longest = std::max(longest, sleep);
      quiet_us += sleep;
    }
    return longest;
  };
  CHECK(longest_until(500'000) == 1000);
  CHECK(longest_until(60'000'000) == kBoundUs);
  idle.busy();
  static_cast<void>(idle.idle());
  quiet_us = 0;
  CHECK(longest_until(500'000) == 1000);
}

TEST_CASE("with no bound on its sleep a worker always polls") {
  IdlePolicy idle(0);
  for (int i = 0; i < 10'000; ++i) CHECK(idle.idle() == IdlePolicy::Next::kPoll);
}
