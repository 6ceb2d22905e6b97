// Every counter is monotonic and has one writer, a worker; readers sum over the workers without stopping anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/zeroed.h"
#include "meter/drop_reasons.h"

namespace vswitch {

// Whether tenants' cycles, packets and bytes are counted: always, but where it is measured what counting costs.
#ifdef VSWITCH_NO_ACCOUNTING
inline constexpr bool kAccounting = false;
#else
inline constexpr bool kAccounting = true;
#endif

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
  VSWITCH_INLINE void charge(Stage stage, uint64_t tsc_cycles) noexcept {
    if constexpr (kAccounting) cycles[static_cast<uint32_t>(stage)].add(tsc_cycles);
  }

  TrafficCounters traffic;
  Counter cycles[kStages];
  Counter drops[kDropReasons];
};

// What hit a rule or a group.
struct HitCounters {
  Counter packets;
  Counter bytes;
};

// Colours are counts of packets.
#define VSWITCH_METER_COUNTERS(X) X(packets) X(bytes) X(green) X(yellow) X(red)

struct MeterCounters {
#define X(name) Counter name;
  VSWITCH_METER_COUNTERS(X)
#undef X
};

inline constexpr size_t kMeterCounters = sizeof(MeterCounters) / sizeof(Counter);

// Packets that a table was asked for and had a rule of; those of which the matching was timed, and its cycles.
#define VSWITCH_TABLE_COUNTERS(X) X(lookups) X(matches) X(timed) X(cycles)

struct TableCounters {
#define X(name) Counter name;
  VSWITCH_TABLE_COUNTERS(X)
#undef X
};

inline constexpr size_t kTableCounters = sizeof(TableCounters) / sizeof(Counter);

// Packets to a tenant's plugins, and what came back: into the tables, out of a port, and to be lost for what it asked.
#define VSWITCH_PUNT_COUNTERS(X) X(punted) X(punted_bytes) X(resumed) X(output) X(refused)

struct PuntCounters {
#define X(name) Counter name;
  VSWITCH_PUNT_COUNTERS(X)
#undef X
};

inline constexpr size_t kPuntCounters = sizeof(PuntCounters) / sizeof(Counter);

// How many rules, groups and meters there may be.
struct Capacity {
  uint32_t rules = 0;
  uint32_t groups = 0;
  uint32_t meters = 0;
};

// All counters of one worker. Written by that worker, read by the control and the Node main thread.
struct alignas(kFalseSharing) Counters {
  explicit Counters(const Capacity& most)
      : capacity(most),
        rules(most.rules),
        groups(std::make_unique<HitCounters[]>(most.groups)),
        meters(std::make_unique<MeterCounters[]>(most.meters)) {
    // No packet shall wait for the kernel to give a page.
    for (size_t rule = 0; rule < rules.size(); ++rule) rules[rule].packets.set(0);
  }

  WorkerCounters worker;
  TenantCounters tenants[kSlots];
  TrafficCounters ports[kPorts];
  TableCounters tables[kSlots][kMaxTables];
  PuntCounters punt[kSlots];
  const Capacity capacity;
  ZeroedArray<HitCounters> rules;           // indexed by RuleId
  std::unique_ptr<HitCounters[]> groups;    // by the group's number
  std::unique_ptr<MeterCounters[]> meters;  // by the meter's number
};

}  // namespace vswitch
