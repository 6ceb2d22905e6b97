// How tenants share a worker: by the cycles that they spend, not by packets. Time is cut into epochs. At the end of one, what
// each tenant spent says what it may spend in the next: where the worker had no time left, what it is entitled to and what the
// others leave (weighted max-min fairness); where it had time, anything. A cap holds in any case. Who spent too much has a debt
// in the next epoch.
#pragma once

#include <cstdint>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/slot_set.h"
#include "dpdk/clock.h"
#include "meter/counters.h"
#include "meter/shares.h"

namespace vswitch {

// One for each worker, used by that worker only.
class Budget {
 public:
  static constexpr uint32_t kCore = 1000;
  // A tenant may spend a part of its cap on dropping what its own ports receive; the rest stays in the device.
  static constexpr Cycles kDropPart = 8;

  // `shares` may change: others hold from the next epoch on. Tenants do not come or go.
  Budget(const SharedShares& shares, Cycles epoch) noexcept;

  // Whether anybody can ever be over.
  [[nodiscard]] bool can_limit() const noexcept { return count_ > 1 || has_caps_; }
  // Whether the slot's packets have to wait for the others', or to go.
  [[nodiscard]] VSWITCH_INLINE bool is_over(TenantSlot slot) const noexcept { return (over_ & slot_bit(slot)) != 0; }
  // Whether it is over because of its cap.
  [[nodiscard]] VSWITCH_INLINE bool is_capped(TenantSlot slot) const noexcept { return (capped_ & slot_bit(slot)) != 0; }
  // Whether one that is over its cap may still spend cycles on dropping.
  [[nodiscard]] bool may_drop(TenantSlot slot) const noexcept { return seen_[slot] < cap_limit_[slot] + cap_[slot] / kDropPart; }

  // For so many of a received burst's packets.
  VSWITCH_INLINE void queued(TenantSlot slot, uint32_t packets) noexcept { waiting_ |= SlotSet{packets >= kFullBurst} << slot; }
  // After cycles were charged to the slot.
  VSWITCH_INLINE void spent(TenantSlot slot, const TenantCounters& tenant) noexcept {
    seen_[slot] = total(tenant);
    if (__builtin_expect(seen_[slot] >= limit_[slot], 0)) exceed(slot);
  }
  // The same, for packets that were dropped since it is over.
  void dropped(TenantSlot slot, const TenantCounters& tenant) noexcept {
    const Cycles before = seen_[slot];
    spent(slot, tenant);
    dropping_[slot] += seen_[slot] - before;
  }

  // Before each burst: a limit is one of the time until now.
  VSWITCH_INLINE void tick(Cycles at, const Counters& counters) noexcept {
    if (__builtin_expect(at - began_ >= epoch_, 0)) renew(at, counters);
  }

 private:
  static constexpr Cycles kUnlimited = ~Cycles{0};
  // More packets wait behind such a burst. Some drivers give no larger ones.
  static constexpr uint32_t kFullBurst = 32;

  // What one slot wants of the next epoch.
  struct Demand {
    TenantSlot slot;
    bool is_settled;
    Cycles cycles;
  };

  static VSWITCH_INLINE Cycles total(const TenantCounters& tenant) noexcept {
    Cycles sum = 0;
    for (const Counter& stage : tenant.cycles) sum += stage.read();
    return sum;
  }

  void adopt() noexcept;
  void exceed(TenantSlot slot) noexcept;
  void renew(Cycles at, const Counters& counters) noexcept;
  bool was_short(const WorkerCounters& worker) noexcept;
  void allow_by_shares(Cycles epochs_q16, bool is_short) noexcept;
  [[nodiscard]] Cycles left(TenantSlot slot, Cycles allowed, Cycles debt) const noexcept;
  void limit(TenantSlot slot) noexcept;

  const SharedShares& shares_;
  uint32_t version_ = 0;  // of the shares that it works by
  const Cycles epoch_;
  Cycles began_ = 0;
  SlotSet over_ = 0;
  SlotSet capped_ = 0;
  SlotSet waiting_ = 0;  // whose packets waited in this epoch, so that it wants more than it got
  bool has_caps_ = false;
  bool is_metered_ = false;  // what was spent in this epoch is known
  uint64_t polls_ = 0;
  uint64_t empty_polls_ = 0;
  uint32_t count_ = 0;        // tenants
  TenantSlot slots_[kSlots];  // theirs

  // By slot; cycles of an epoch.
  Cycles entitled_[kSlots] = {};
  Cycles cap_[kSlots] = {};       // kUnlimited: none
  Cycles seen_[kSlots] = {};      // in all, until now
  Cycles total_[kSlots] = {};     // in all, when the epoch began
  Cycles spent_[kSlots] = {};     // in the epoch before
  Cycles dropping_[kSlots] = {};  // of them, on packets that were dropped
  Cycles allowed_[kSlots] = {};
  Cycles share_debt_[kSlots] = {};
  Cycles cap_debt_[kSlots] = {};
  Cycles limit_[kSlots];      // of the total, where it is over its share or its cap
  Cycles cap_limit_[kSlots];  // where it is over its cap
};

}  // namespace vswitch
