// For how long the kernel let this thread run, so that time in which it did not is told from work.
#pragma once

#include <cstdint>

#include "dpdk/clock.h"

namespace vswitch {

// Each call asks the kernel: for where something was already slow.
class ThreadClock {
 public:
  // By the thread that is meant.
  void start(Cycles at) noexcept;

  // Of the cycles since the last call, those in which the thread did not run: another one did, or it waited in the kernel.
  Cycles waited(Cycles at) noexcept;

  // Forgets what was since the last call.
  void skip(Cycles at) noexcept;

 private:
  Cycles at_ = 0;
  uint64_t ran_ns_ = 0;
  double cycles_per_ns_ = 0;  // an upper bound, which gets closer
};

}  // namespace vswitch
