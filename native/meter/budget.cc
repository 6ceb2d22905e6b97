#include "meter/budget.h"

#include <algorithm>

namespace vswitch {
namespace {

// A worker is short of time where fewer than one in so many rounds found no packet.
constexpr uint64_t kBusyRounds = 8;
// Of what a tenant may spend, a part is for forwarding, however much dropping took. So the debt of an attack ends with it.
constexpr Cycles kForwardPart = 8;
// No debt is longer than so many epochs of what the tenant may spend.
constexpr Cycles kDebtEpochs = 8;
// Who takes less than this part of the time lacks nothing.
constexpr Cycles kLeastPart = 32;

constexpr uint32_t kShift = 16;

constexpr Cycles scaled(Cycles cycles, Cycles q16) noexcept { return (cycles * q16) >> kShift; }
constexpr Cycles less(Cycles from, Cycles cycles) noexcept { return from > cycles ? from - cycles : 0; }

}  // namespace

Budget::Budget(const SharedShares& shares, Cycles epoch) noexcept : shares_(shares), epoch_(epoch) { adopt(); }

// Begins anew with the shares of the moment; where they are just being written, an epoch later.
void Budget::adopt() noexcept {
  CycleShares shares;
  const uint32_t version = shares_.load(shares);
  if (version == 0) return;
  version_ = version;
  uint32_t weights = 0;
  uint32_t guaranteed = 0;
  for (const CycleShare& share : shares) {
    weights += share.weight;
    guaranteed += share.guaranteed;
  }
  const uint32_t free = guaranteed < kCore ? kCore - guaranteed : 0;
  count_ = 0;
  has_caps_ = is_metered_ = false;
  over_ = capped_ = waiting_ = 0;
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    limit_[slot] = cap_limit_[slot] = allowed_[slot] = cap_[slot] = kUnlimited;
    share_debt_[slot] = cap_debt_[slot] = dropping_[slot] = 0;
    const CycleShare& share = shares[slot];
    if (share.weight == 0) continue;
    slots_[count_++] = static_cast<TenantSlot>(slot);
    // Never nothing, so that parts of it can be told.
    entitled_[slot] = 1 + epoch_ * share.guaranteed / kCore + epoch_ * free * share.weight / weights / kCore;
    if (share.cap != 0) {
      cap_[slot] = epoch_ * share.cap / kCore;
      has_caps_ = true;
    }
  }
}

void Budget::exceed(TenantSlot slot) noexcept {
  over_ |= slot_bit(slot);
  if (seen_[slot] >= cap_limit_[slot]) {
    capped_ |= slot_bit(slot);
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
  // Of a worker that slept or was held up for long, no more than some epochs.
  const Cycles elapsed = std::min(at - began_, 16 * epoch_);
  began_ = at;
  if (shares_.version() != version_) adopt();
  const bool is_short = was_short(counters.worker) && count_ > 1;
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
  uint32_t users = 0;
  for (uint32_t i = 0; i < count_; ++i) {
    const TenantSlot slot = slots_[i];
    const Cycles now = total(counters.tenants[slot]);
    spent_[slot] = is_metered_ ? now - total_[slot] : 0;
    total_[slot] = seen_[slot] = now;
    users += spent_[slot] * kLeastPart > elapsed ? 1 : 0;
  }
  // Of the first epoch in which time is short nothing is known yet.
  allow_by_shares(epochs_q16, is_short && users > 1);
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
    const auto debt = [&](Cycles debt, Cycles allowed) {
      if (allowed == kUnlimited) return Cycles{0};
      return std::min(less(debt + less(spent, dropping_[slot]), scaled(allowed, epochs_q16)), kDebtEpochs * allowed);
    };
    cap_debt_[slot] = debt(cap_debt_[slot], cap_[slot]);
    share_debt_[slot] = is_short ? debt(share_debt_[slot], allowed_[slot]) : 0;
    allowed_[slot] = is_short ? entitled_[slot] : kUnlimited;
    if (spent == 0) continue;
    const bool wants_more = ((over_ | waiting_) & slot_bit(slot)) != 0;
    demands[active++] = {slot, false, std::min(wants_more ? kUnlimited : scaled(spent, per_epoch_q16), cap_[slot])};
    weights += entitled_[slot];
  }
  if (!is_short) return;
  // Who wants less than its part of what is left gets it, and leaves the rest to the others.
  Cycles left = epoch_;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = 0; i < active; ++i) {
      Demand& demand = demands[i];
      if (demand.is_settled) continue;
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

// What a slot may spend of `allowed` before it is over: dropping in the epoch before counts, too.
Cycles Budget::left(TenantSlot slot, Cycles allowed, Cycles debt) const noexcept {
  if (allowed == kUnlimited) return kUnlimited;
  return total_[slot] + less(allowed, debt + std::min(dropping_[slot], allowed - allowed / kForwardPart));
}

void Budget::limit(TenantSlot slot) noexcept {
  cap_limit_[slot] = left(slot, cap_[slot], cap_debt_[slot]);
  limit_[slot] = std::min(cap_limit_[slot], left(slot, allowed_[slot], share_debt_[slot]));
  dropping_[slot] = 0;
  if (total_[slot] >= limit_[slot]) exceed(slot);
}

}  // namespace vswitch
