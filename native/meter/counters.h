// Every counter is monotonic and has one writer, a worker; readers sum over the workers without stopping anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "meter/drop_reasons.h"

namespace vswitch {

class Counter {
 public:
  // By its one writer: no read-modify-write is needed.
  VSWITCH_INLINE void add(uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  VSWITCH_INLINE void set(uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  // By anybody.
  [[nodiscard]] uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

static_assert(sizeof(Counter) == sizeof(uint64_t));

// The lists below must agree with src/switch/counters.ts and src/model/usage.ts; compared when the addon is loaded.

// What a packet's cycles are spent on.
#define VSWITCH_STAGES(X) X(rx) X(parse) X(steer) X(match) X(act) X(tx)

enum class Stage : uint8_t {
#define X(name) name,
  VSWITCH_STAGES(X)
#undef X
};

inline constexpr uint32_t kStages = 0
#define X(name) +1
    VSWITCH_STAGES(X)
#undef X
    ;

#define VSWITCH_TRAFFIC_COUNTERS(X) X(rx_packets) X(rx_bytes) X(tx_packets) X(tx_bytes)
#define VSWITCH_WORKER_COUNTERS(X) X(started_tsc) X(now_tsc) X(idle) X(overhead) X(stolen) X(polls) X(empty_polls) X(sleeps)

#define X(name) Counter name;
struct TrafficCounters {
  VSWITCH_TRAFFIC_COUNTERS(X)
};
// Cycles but for the counts of polls and sleeps.
struct WorkerCounters {
  VSWITCH_WORKER_COUNTERS(X)
};
#undef X

struct TenantCounters {
  TrafficCounters traffic;
  Counter cycles[kStages];
  Counter drops[kDropReasons];
};

struct RuleCounters {
  Counter packets;
  Counter bytes;
};

// All counters of one worker. Written by that worker, read by the control and the Node main thread.
struct alignas(kFalseSharing) Counters {
  explicit Counters(uint32_t max_rules) : rules(std::make_unique<RuleCounters[]>(max_rules)), rule_count(max_rules) {}

  WorkerCounters worker;
  TenantCounters tenants[kSlots];
  TrafficCounters ports[kPorts];
  std::unique_ptr<RuleCounters[]> rules;  // indexed by RuleId
  uint32_t rule_count;
};

}  // namespace vswitch
