// How many connections there are, and how many may be: in all, by tenant and by zone of a tenant.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/zeroed.h"
#include "state/ct_limits.h"

namespace vswitch {

// Tokens that come `rate` a second into a bucket that holds a second's, kept as the time at which it would be full again (the
// generic cell rate algorithm, ITU-T I.371), so that one word is all there is to change.
class CtRate {
 public:
  VSWITCH_INLINE static bool take(std::atomic<uint64_t>& full_at, uint32_t rate, Cycles now, Cycles second,
                                  bool is_trial) noexcept {
    const Cycles token = second / rate;
    uint64_t old = full_at.load(std::memory_order_relaxed);
    while (true) {
      const uint64_t next = (static_cast<int64_t>(old - now) > 0 ? old : now) + token;
      if (next - now > second) return false;
      if (is_trial || full_at.compare_exchange_weak(old, next, std::memory_order_relaxed)) return true;
    }
  }
};

// Workers write all of it; the limits are the control thread's.
struct CtZone {
  std::atomic<uint64_t> full_at;
  std::atomic<uint32_t> max_entries;  // 0: none, here and below
  std::atomic<uint32_t> new_per_second;
};

struct alignas(kFalseSharing) CtTenant {
  std::atomic<uint64_t> full_at;
  std::atomic<uint32_t> entries;
  std::atomic<uint32_t> half_open;
};

struct CtCaps {
  static constexpr size_t kZones = 1u << 16;

  std::array<CtLimit, kSlots> limits;
  Cycles second;
  uint32_t max_entries;
  alignas(kFalseSharing) std::atomic<uint32_t> entries = 0;
  ZeroedArray<CtTenant> tenants{kSlots};
  // By slot and zone; what no zone uses takes no memory.
  ZeroedArray<CtZone> zones{kSlots * kZones};
  ZeroedArray<std::atomic<uint32_t>> zone_entries{kSlots * kZones};

  explicit CtCaps(const CtOptions& options)
      : limits(options.limits), second(options.cycles_per_second), max_entries(options.entries) {}

  [[nodiscard]] static size_t zone_at(TenantSlot slot, uint16_t zone) noexcept { return slot * kZones + zone; }
  [[nodiscard]] bool half_open_full(TenantSlot slot) const noexcept {
    const uint32_t most = limits[slot].half_open;
    return most != 0 && tenants[slot].half_open.load(std::memory_order_relaxed) >= most;
  }
  // Of what is never half-open; evicts nothing.
  bool take_plain(TenantSlot slot, uint16_t zone) noexcept;
  void give_plain(TenantSlot slot, uint16_t zone) noexcept {
    zone_entries[zone_at(slot, zone)].fetch_sub(1, std::memory_order_relaxed);
    tenants[slot].entries.fetch_sub(1, std::memory_order_relaxed);
    entries.fetch_sub(1, std::memory_order_relaxed);
  }
  [[nodiscard]] uint64_t memory_bytes() const noexcept { return tenants.bytes() + zones.bytes() + zone_entries.bytes(); }
};

// Takes one where there are fewer than `most`.
VSWITCH_INLINE bool take_below(std::atomic<uint32_t>& count, uint32_t most) noexcept {
  if (count.fetch_add(1, std::memory_order_relaxed) < most) return true;
  count.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

inline bool CtCaps::take_plain(TenantSlot slot, uint16_t zone) noexcept {
  const auto most = [](uint32_t value) { return value != 0 ? value : UINT32_MAX; };
  const size_t at = zone_at(slot, zone);
  if (!take_below(zone_entries[at], most(zones[at].max_entries.load(std::memory_order_relaxed)))) return false;
  if (take_below(tenants[slot].entries, most(limits[slot].entries))) {
    if (take_below(entries, max_entries)) return true;
    tenants[slot].entries.fetch_sub(1, std::memory_order_relaxed);
  }
  zone_entries[at].fetch_sub(1, std::memory_order_relaxed);
  return false;
}

}  // namespace vswitch
