// Tenant slots, a bit each.
#pragma once

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"

namespace vswitch {

using SlotSet = uint64_t;
static_assert(kSlots <= 8 * sizeof(SlotSet));

VSWITCH_INLINE constexpr SlotSet slot_bit(TenantSlot slot) noexcept { return SlotSet{1} << slot; }

// In rising order.
template <typename Visit>
VSWITCH_INLINE void for_each_slot(SlotSet slots, Visit visit) noexcept {
  for (; slots != 0; slots &= slots - 1) visit(static_cast<TenantSlot>(__builtin_ctzll(slots)));
}

}  // namespace vswitch
