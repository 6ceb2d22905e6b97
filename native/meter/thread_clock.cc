#include "meter/thread_clock.h"

#include <algorithm>
#include <ctime>

namespace vswitch {
namespace {

// DPDK's estimate of the TSC's frequency is no further off (it rounds to 10 MHz).
constexpr double kFrequencyError = 0.01;
// Of a shorter time the system calls themselves are too much.
constexpr uint64_t kShortestNs = 100'000;

// CPU time of the calling thread.
uint64_t ran_ns() noexcept {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

void ThreadClock::start(Cycles at) noexcept {
  cycles_per_ns_ = static_cast<double>(cycles_per_second()) * 1e-9 * (1 + kFrequencyError);
  skip(at);
}

Cycles ThreadClock::waited(Cycles at) noexcept {
  const Cycles since = at - at_;
  const uint64_t before_ns = ran_ns_;
  skip(at);
  const uint64_t ran = ran_ns_ - before_ns;
  // It never ran for longer than time passed.
  if (ran >= kShortestNs) cycles_per_ns_ = std::min(cycles_per_ns_, static_cast<double>(since) / static_cast<double>(ran));
  const auto cycles = static_cast<Cycles>(static_cast<double>(ran) * cycles_per_ns_);
  return since > cycles ? since - cycles : 0;
}

void ThreadClock::skip(Cycles at) noexcept {
  at_ = at;
  ran_ns_ = ran_ns();
}

}  // namespace vswitch
