// Numbers for sampling, of one worker's own: xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators,
// scrambled", 2016). Not for secrets.
#pragma once

#include <cstdint>

#include "base/hot.h"

namespace vswitch {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed | 1) {}

  VSWITCH_INLINE uint32_t next() noexcept {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<uint32_t>(state_ * 0x2545f4914f6cdd1dull >> 32);
  }

 private:
  uint64_t state_;
};

}  // namespace vswitch
