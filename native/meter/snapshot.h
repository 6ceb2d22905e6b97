// Reads counters into a flat array whose layout src/switch/counters.ts decodes.
#pragma once

#include <cstdint>
#include <span>

#include "dpdk/clock.h"
#include "meter/counters.h"

namespace vswitch {

inline constexpr size_t kSnapshotWords =
    (sizeof(WorkerCounters) + kSlots * sizeof(TenantCounters) + kPorts * sizeof(TrafficCounters)) / sizeof(Counter);

// One worker's counters but for the rules'. The worker goes on meanwhile, for some microseconds. Where the reader lost its core
// in between, what tenants were charged would be of another time than the worker's clock: then it reads once more.
inline void snapshot(const Counters& counters, std::span<uint64_t, kSnapshotWords> out) noexcept {
  constexpr int kAttempts = 8;
  const Cycles longest = cycles_per_second() / 10'000;  // 0.1 ms
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Cycles began = counters.worker.now_tsc.read();
    size_t at = 0;
    const auto copy = [&](const void* group, size_t bytes) {
      const auto* first = static_cast<const Counter*>(group);
      for (size_t i = 0; i < bytes / sizeof(Counter); ++i) out[at++] = first[i].read();
    };
    copy(&counters.worker, sizeof counters.worker);
    copy(&counters.tenants, sizeof counters.tenants);
    copy(&counters.ports, sizeof counters.ports);
    if (counters.worker.now_tsc.read() - began < longest) return;
  }
}

}  // namespace vswitch
