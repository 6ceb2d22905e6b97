// How a generator sends: as fast as frames come back, or evenly at a rate.
#pragma once

#include <algorithm>
#include <cstdint>

#include "traffic.h"

namespace vswitch {

struct Run {
  double packets_per_second = 0;
  uint64_t sent = 0;
  uint64_t received = 0;
  Histogram cycles;
};

inline Cycles cycles_of(uint32_t ms) { return cycles_per_second() / 1000 * ms; }

// Waits for what is still under way, so that the next run begins with nothing.
void drain(Traffic& traffic, Run& run);

// A new frame for each that came back: the rate is that of the slowest, the switch. Others use the cores too: the ninth decile of
// slices is the rate while both run.
Run closed_loop(Traffic& traffic, uint32_t ms);

// Evenly at a rate. Frames that were due while this thread did not run are left out: a burst of them would measure this thread.
class Pace {
 public:
  Pace(Cycles start, double packets_per_second)
      : interval_(static_cast<double>(cycles_per_second()) / packets_per_second), next_(static_cast<double>(start)) {}
  uint32_t due(Cycles at) {
    const double due = (static_cast<double>(at) - next_) / interval_;
    if (due > Traffic::kBurst) {
      next_ = static_cast<double>(at);
      return 0;
    }
    const auto count = static_cast<uint32_t>(std::max(due, 0.0));
    if (count != 0) next_ += count * interval_;  // the interval of none is infinite
    return count;
  }

 private:
  double interval_, next_;
};

}  // namespace vswitch
