// Reads counters into a flat array whose layout src/switch/counters.ts decodes.
#pragma once

#include <cstdint>
#include <span>

#include "meter/counters.h"

namespace vswitch {

inline constexpr size_t kSnapshotWords =
    (sizeof(WorkerCounters) + kSlots * sizeof(TenantCounters) + kPorts * sizeof(TrafficCounters)) / sizeof(Counter);

// One worker's counters but for the rules'.
inline void snapshot(const Counters& counters, std::span<uint64_t, kSnapshotWords> out) noexcept {
  size_t at = 0;
  const auto copy = [&](const void* group, size_t bytes) {
    const auto* first = static_cast<const Counter*>(group);
    for (size_t i = 0; i < bytes / sizeof(Counter); ++i) out[at++] = first[i].read();
  };
  copy(&counters.worker, sizeof counters.worker);
  copy(&counters.tenants, sizeof counters.tenants);
  copy(&counters.ports, sizeof counters.ports);
}

}  // namespace vswitch
