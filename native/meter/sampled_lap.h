// A lap of a kind that comes with every round and takes much the same each time: one in so many is stamped, the others are taken
// to be as long as those were.
#pragma once

#include <algorithm>

#include "meter/cycle_meter.h"

namespace vswitch {

class SampledLap {
 public:
  VSWITCH_INLINE void charge(CycleMeter& meter, Counter& account) noexcept {
    if (left_ != 0) {
      --left_;
      meter.charge_estimate(account, mean_);
      return;
    }
    left_ = kPeriod - 1;
    const Cycles cycles = meter.lap();
    account.add(cycles);
    sum_ += std::min(cycles, kLongest) - mean_;
    mean_ = sum_ / kMemory;
  }

 private:
  static constexpr uint32_t kPeriod = 16;
  static constexpr Cycles kMemory = 16;
  static constexpr Cycles kLongest = 1024;  // a longer one is no example of the others

  uint32_t left_ = 0;
  Cycles mean_ = 0;
  Cycles sum_ = 0;  // of kMemory such laps, the older ones smoothed
};

}  // namespace vswitch
