#include "meter/budget.h"

#include <algorithm>

namespace vswitch {
namespace {

// A worker is short of time where fewer than one in so many rounds found no packet.
constexpr uint64_t kBusyRounds = 8;
// More of its cap than this part is never a debt.
constexpr Cycles kForwardPart = 8;
// Nor is a debt of cycles that others lacked longer than so many epochs of what it is entitled to.
constexpr Cycles kDebtEpochs = 8;

constexpr uint32_t kShift = 16;

constexpr Cycles scaled(Cycles cycles, Cycles q16) noexcept { return (cycles * q16) >> kShift; }
constexpr Cycles less(Cycles from, Cycles cycles) noexcept { return from > cycles ? from - cycles : 0; }

}  // namespace

Budget::Budget(const CycleShares& shares, Cycles epoch) noexcept : epoch_(epoch) {
  uint32_t weights = 0;
  uint32_t guaranteed = 0;
  for (const CycleShare& share : shares) {
    weights += share.weight;
    guaranteed += share.guaranteed;
  }
  const uint32_t free = guaranteed < kCore ? kCore - guaranteed : 0;
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    limit_[slot] = cap_limit_[slot] = allowed_[slot] = cap_[slot] = kUnlimited;
    const CycleShare& share = shares[slot];
    if (share.weight == 0) continue;
    slots_[count_++] = static_cast<TenantSlot>(slot);
    // Never nothing, so that parts of it can be told.
    entitled_[slot] = 1 + epoch * share.guaranteed / kCore + epoch * free * share.weight / weights / kCore;
    if (share.cap != 0) {
      cap_[slot] = epoch * share.cap / kCore;
      has_caps_ = true;
    }
  }
}

bool Budget::may_drop(TenantSlot slot, const TenantCounters& tenant) const noexcept {
  return total(tenant) < cap_limit_[slot] + cap_[slot] / kDropPart;
}

void Budget::exceed(TenantSlot slot, Cycles spent) noexcept {
  over_ |= uint64_t{1} << slot;
  if (spent >= cap_limit_[slot]) {
    capped_ |= uint64_t{1} << slot;
  } else {
    limit_[slot] = cap_limit_[slot];
  }
}

// Whether the epoch left no time. Idle cycles do not say so: empty queues beside a full one are polled, too.
bool Budget::was_short(const WorkerCounters& worker) noexcept {
  const uint64_t polls = worker.polls.read() - polls_;
  const uint64_t empty = worker.empty_polls.read() - empty_polls_;
  polls_ += polls;
  empty_polls_ += empty;
  return empty * kBusyRounds < polls;
}

VSWITCH_HOT void Budget::renew(Cycles at, const Counters& counters) noexcept {
  const bool is_first = began_ == 0;
  // Of a worker that slept or was held up for long, no more than some epochs.
  const Cycles elapsed = std::min(at - began_, 16 * epoch_);
  began_ = at;
  const bool is_short = was_short(counters.worker) && count_ > 1 && !is_first;
  if (!is_short && !has_caps_) {
    if (over_ != 0 || is_metered_) {
      std::fill(limit_, limit_ + kSlots, kUnlimited);
      std::fill(share_debt_, share_debt_ + kSlots, 0);
      over_ = 0;
    }
    is_metered_ = false;
    waiting_ = 0;
    return;
  }
  const Cycles epochs_q16 = (elapsed << kShift) / epoch_;
  for (uint32_t i = 0; i < count_; ++i) {
    const TenantSlot slot = slots_[i];
    const Cycles now = total(counters.tenants[slot]);
    spent_[slot] = is_metered_ ? now - total_[slot] : 0;
    total_[slot] = now;
  }
  allow_by_shares(epochs_q16, is_short);
  over_ = capped_ = waiting_ = 0;
  for (uint32_t i = 0; i < count_; ++i) limit(slots_[i]);
  is_metered_ = true;
}

// What each may spend in the next epoch, and what it spent too much in the last one.
void Budget::allow_by_shares(Cycles epochs_q16, bool is_short) noexcept {
  const Cycles per_epoch_q16 = (Cycles{1} << (2 * kShift)) / std::max<Cycles>(1, epochs_q16);
  Demand demands[kSlots];
  uint32_t active = 0;
  Cycles weights = 0;
  for (uint32_t i = 0; i < count_; ++i) {
    const TenantSlot slot = slots_[i];
    const Cycles spent = spent_[slot];
    if (cap_[slot] != kUnlimited)
      cap_debt_[slot] =
          std::min(less(cap_debt_[slot] + spent, scaled(cap_[slot], epochs_q16)), cap_[slot] - cap_[slot] / kForwardPart);
    share_debt_[slot] =
        is_short && allowed_[slot] != kUnlimited
            ? std::min(less(share_debt_[slot] + spent, scaled(allowed_[slot], epochs_q16)), kDebtEpochs * entitled_[slot])
            : 0;
    allowed_[slot] = is_short ? entitled_[slot] : kUnlimited;
    if (spent == 0) continue;
    demands[active++] = {slot, false, scaled(spent, per_epoch_q16)};
    weights += entitled_[slot];
  }
  if (!is_short) return;
  // Who wants less than its part of what is left gets it, and leaves the rest to the others.
  Cycles left = epoch_;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = 0; i < active; ++i) {
      Demand& demand = demands[i];
      if (demand.is_settled || ((over_ | waiting_) >> demand.slot & 1) != 0) continue;
      const Cycles part = left * entitled_[demand.slot] / weights;
      if (demand.cycles > part) continue;
      allowed_[demand.slot] = std::max(part, entitled_[demand.slot]);
      left -= demand.cycles;
      weights -= entitled_[demand.slot];
      demand.is_settled = changed = true;
    }
  }
  for (uint32_t i = 0; i < active; ++i)
    if (!demands[i].is_settled) allowed_[demands[i].slot] = left * entitled_[demands[i].slot] / weights;
}

void Budget::limit(TenantSlot slot) noexcept {
  const auto of = [&](Cycles allowed, Cycles debt) {
    return allowed == kUnlimited ? kUnlimited : total_[slot] + less(allowed, debt);
  };
  cap_limit_[slot] = of(cap_[slot], cap_debt_[slot]);
  limit_[slot] = std::min(cap_limit_[slot], of(allowed_[slot], share_debt_[slot]));
  if (total_[slot] >= limit_[slot]) exceed(slot, total_[slot]);
}

}  // namespace vswitch
