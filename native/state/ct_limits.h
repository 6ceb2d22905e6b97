// The lists and limits of connection tracking that cross the boundary.
#pragma once

#include <array>
#include <cstdint>

#include "base/ids.h"
#include "base/limits.h"
#include "dpdk/clock.h"

namespace vswitch {

// Time-outs with their defaults in ms, which are Linux's (nf_conntrack). In the order of src/model/conntrack.ts.
#define VSWITCH_CT_TIMEOUTS(X)    \
  X(tcp_syn_sent, 120'000)        \
  X(tcp_syn_recv, 60'000)         \
  X(tcp_established, 432'000'000) \
  X(tcp_fin_wait, 120'000)        \
  X(tcp_last_ack, 30'000)         \
  X(tcp_time_wait, 120'000)       \
  X(tcp_closed, 10'000)           \
  X(udp_first, 30'000)            \
  X(udp_established, 120'000)     \
  X(icmp_first, 30'000)           \
  X(icmp_reply, 30'000)           \
  X(other_first, 60'000)          \
  X(other_established, 600'000)

// first and bidirectional are of all protocols but TCP, whose are the others.
#define VSWITCH_CT_STATES(X) \
  X(first)                   \
  X(bidirectional)           \
  X(syn_sent)                \
  X(syn_recv)                \
  X(established)             \
  X(fin_wait)                \
  X(last_ack)                \
  X(time_wait)               \
  X(closed)

// By tenant. The last two are gauges, the others only grow.
#define VSWITCH_CT_COUNTERS(X) \
  X(created)                   \
  X(expired)                   \
  X(closed)                    \
  X(evicted)                   \
  X(flushed)                   \
  X(table_full)                \
  X(tenant_full)               \
  X(zone_full)                 \
  X(rate_exceeded)             \
  X(nat_exhausted)             \
  X(fragments_dropped)         \
  X(invalid_flags)             \
  X(invalid_no_connection)     \
  X(invalid_window)            \
  X(invalid_header)            \
  X(invalid_related_unknown)   \
  X(entries)                   \
  X(half_open)

enum class CtTimeout : uint8_t {
#define X(name, ms) name,
  VSWITCH_CT_TIMEOUTS(X)
#undef X
};
enum class CtState : uint8_t {
#define X(name) name,
  VSWITCH_CT_STATES(X)
#undef X
};
enum class CtCounter : uint8_t {
#define X(name) name,
  VSWITCH_CT_COUNTERS(X)
#undef X
};

inline constexpr const char* kCtTimeoutNames[] = {
#define X(name, ms) #name,
    VSWITCH_CT_TIMEOUTS(X)
#undef X
};
inline constexpr const char* kCtStateNames[] = {
#define X(name) #name,
    VSWITCH_CT_STATES(X)
#undef X
};
inline constexpr const char* kCtCounterNames[] = {
#define X(name) #name,
    VSWITCH_CT_COUNTERS(X)
#undef X
};

inline constexpr uint32_t kCtTimeouts = sizeof kCtTimeoutNames / sizeof *kCtTimeoutNames;
inline constexpr uint32_t kCtStates = sizeof kCtStateNames / sizeof *kCtStateNames;
inline constexpr uint32_t kCtCounters = sizeof kCtCounterNames / sizeof *kCtCounterNames;

// 0: none. A tenant may be over half_open by an eighth for a moment, where its connections arrive at several workers.
struct CtLimit {
  uint32_t entries = 0;
  uint32_t half_open = 0;  // TCP without handshake, and others without reply: the oldest makes room for a new one
  uint32_t new_per_second = 0;
};

struct CtOptions {
  uint32_t entries = 0;
  bool loose = true;  // a connection may be taken up in mid-stream
  bool check_window = false;
  bool follow_fragments = false;  // else later fragments are dropped
  std::array<uint32_t, kCtTimeouts> timeouts_ms = {
#define X(name, ms) ms,
      VSWITCH_CT_TIMEOUTS(X)
#undef X
  };
  std::array<CtLimit, kSlots> limits{};  // by tenant slot
  uint32_t workers = 1;                  // threads that track, the control thread not counted
  Cycles cycles_per_second = 0;          // of the `now` that is given to track() and sweep()
};

inline constexpr uint32_t kMaxCtEntries = 1u << 27;
inline constexpr uint32_t kMaxCtTimeoutMs = 1u << 30;  // 12 days

}  // namespace vswitch
