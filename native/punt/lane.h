// What a worker has of the way to a tenant's plugins and back. It copies packets into a ring and out of one: a plugin that hangs
// holds no packet buffer, and another thread than the worker never touches one.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "base/hot.h"
#include "base/limits.h"
#include "dpdk/clock.h"
#include "meter/counters.h"
#include "punt/byte_ring.h"
#include "punt/record.h"

namespace vswitch {

// How many packets may go to the plugins: a leaky bucket of one word (the generic cell rate algorithm, ITU-T I.371).
struct PuntRate {
  Cycles each = 0;   // between two packets; 0: as many as there are
  Cycles ahead = 0;  // how far bursts may be ahead of the rate
};

class PuntLane {
 public:
  PuntLane(std::unique_ptr<ByteRing> to_plugins, std::unique_ptr<ByteRing> from_plugins, const PuntRate& rate)
      : to_plugins(std::move(to_plugins)), from_plugins(std::move(from_plugins)), rate_(rate) {}

  // Whether one packet more may go.
  VSWITCH_INLINE bool take(Cycles now) noexcept {
    if (rate_.each == 0) return true;
    if (next_ < now) next_ = now;
    if (next_ - now > rate_.ahead) return false;
    next_ += rate_.each;
    return true;
  }

  const std::unique_ptr<ByteRing> to_plugins;    // the worker writes it
  const std::unique_ptr<ByteRing> from_plugins;  // the worker reads it

 private:
  const PuntRate rate_;
  Cycles next_ = 0;
};

// The lanes of a tenant, by worker.
class PuntLanes {
 public:
  // Null where nobody listens any more.
  [[nodiscard]] VSWITCH_INLINE PuntLane* of(uint32_t worker) const noexcept {
    return open.load(std::memory_order_relaxed) ? lanes[worker].get() : nullptr;
  }

  std::atomic<bool> open{true};
  std::array<std::unique_ptr<PuntLane>, kMaxWorkers> lanes;
};

}  // namespace vswitch
