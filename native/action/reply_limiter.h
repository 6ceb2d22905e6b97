// How often a worker answers a tenant by itself: as a leaky bucket of one word a tenant (the generic cell rate algorithm, ITU-T
// I.371), so that answers cost no more than the rate that they are given (RFC 4443, section 2.4 (f); RFC 1812, section 4.3.2.8).
#pragma once

#include "base/ids.h"
#include "base/limits.h"
#include "dpdk/clock.h"

namespace vswitch {

class ReplyLimiter {
 public:
  // Takes one answer, where there is one left of what `per_second` allows, and of a tenth of it at once.
  bool take(TenantSlot slot, uint32_t per_second, Cycles now) noexcept {
    if (per_second == 0) return true;
    const Cycles each = cycles_per_second() / per_second;
    Cycles& next = next_[slot];
    if (next < now) next = now;
    if (next - now > each * (per_second / kBurstsPerSecond)) return false;
    next += each;
    return true;
  }

 private:
  static constexpr uint32_t kBurstsPerSecond = 10;

  Cycles next_[kSlots] = {};
};

}  // namespace vswitch
