// Gives every TSC cycle of a worker an owner: a stamp ends the lap that began at the stamp before, and the lap is charged to
// exactly one account. So tenants + idle + overhead + stolen = elapsed, by construction.
//
// A lap that is suspiciously long is one in which the worker may not have run. What the kernel says about the thread tells; a
// hypervisor says nothing, so that beyond the longest that work can take a lap is stolen in any case.
#pragma once

#include <algorithm>

#include "base/hot.h"
#include "dpdk/clock.h"
#include "meter/counters.h"
#include "meter/thread_clock.h"

namespace vswitch {

class CycleMeter {
 public:
  // By the thread whose laps it measures.
  void start(WorkerCounters& worker, Cycles suspicious, Cycles longest) noexcept {
    worker_ = &worker;
    suspicious_ = suspicious;
    longest_ = longest;
    last_ = now();
    thread_.start(last_);
    worker.started_tsc.set(last_);
    worker.now_tsc.set(last_);
  }

  // Ends a lap and returns its cycles, without what was stolen. The caller charges all of them.
  VSWITCH_INLINE Cycles lap() noexcept {
    if constexpr (!kAccounting) return 0;
    const Cycles at = now();
    const Cycles cycles = at - last_;
    last_ = at;
    return __builtin_expect(cycles > suspicious_, 0) ? without_stolen(cycles) : cycles;
  }

  // Ends a lap without a stamp, where one of its kind is known to take so long.
  VSWITCH_INLINE void charge_estimate(Counter& account, Cycles cycles) noexcept {
    if constexpr (!kAccounting) return;
    account.add(cycles);
    last_ += cycles;
  }

  VSWITCH_INLINE void charge(Counter& account) noexcept {
    if constexpr (kAccounting) account.add(lap());
  }

  // A lap of any length, slept on purpose.
  void charge_sleep() noexcept {
    const Cycles at = now();
    worker_->idle.add(at - last_);
    last_ = at;
    thread_.skip(at);
  }

  // When the last lap ended.
  [[nodiscard]] VSWITCH_INLINE Cycles last() const noexcept { return last_; }

  // Makes the elapsed time visible to readers.
  VSWITCH_INLINE void publish() noexcept {
    if constexpr (!kAccounting) last_ = now();  // connections have their time by it
    worker_->now_tsc.set(last_);
  }

 private:
  VSWITCH_COLD Cycles without_stolen(Cycles cycles) noexcept {
    if (cycles > kForward) {
      last_ -= cycles;  // the estimate before was too long: what it took ahead is not there to be charged
      return 0;
    }
    const Cycles waited = thread_.waited(last_);
    const Cycles work = std::min(cycles > waited ? cycles - waited : 0, longest_);
    worker_->stolen.add(cycles - work);
    return work;
  }

  static constexpr Cycles kForward = Cycles{1} << 63;

  WorkerCounters* worker_ = nullptr;
  ThreadClock thread_;
  Cycles suspicious_ = 0;
  Cycles longest_ = 0;
  Cycles last_ = 0;
};

}  // namespace vswitch
