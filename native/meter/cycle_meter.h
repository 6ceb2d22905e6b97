// Gives every TSC cycle of a worker an owner: a stamp ends the lap that began at the stamp before, and the lap is charged to
// exactly one account. So tenants + idle + overhead + stolen = elapsed, by construction.
#pragma once

#include "base/hot.h"
#include "dpdk/clock.h"
#include "meter/counters.h"

namespace vswitch {

class CycleMeter {
 public:
  // A lap that is longer than `gap` cannot be work: the rest of it is time in which the worker did not run.
  void start(WorkerCounters& worker, Cycles gap) noexcept {
    worker_ = &worker;
    gap_ = gap;
    last_ = now();
    worker.started_tsc.set(last_);
    worker.now_tsc.set(last_);
  }

  // Ends a lap and returns its cycles, without what was stolen. The caller charges all of them.
  VSWITCH_INLINE Cycles lap() noexcept {
    const Cycles at = now();
    const Cycles cycles = at - last_;
    last_ = at;
    if (__builtin_expect(cycles > gap_, 0)) return gap_ + steal(cycles - gap_);
    return cycles;
  }

  VSWITCH_INLINE void charge(Counter& account) noexcept { account.add(lap()); }

  // A lap of any length, slept on purpose.
  void charge_sleep() noexcept {
    const Cycles at = now();
    worker_->idle.add(at - last_);
    last_ = at;
  }

  // When the last lap ended.
  [[nodiscard]] VSWITCH_INLINE Cycles last() const noexcept { return last_; }

  // Makes the elapsed time visible to readers.
  VSWITCH_INLINE void publish() noexcept { worker_->now_tsc.set(last_); }

 private:
  VSWITCH_COLD Cycles steal(Cycles cycles) noexcept {
    worker_->stolen.add(cycles);
    return 0;
  }

  WorkerCounters* worker_ = nullptr;
  Cycles gap_ = 0;
  Cycles last_ = 0;
};

}  // namespace vswitch
