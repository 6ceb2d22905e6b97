// Why a packet was not forwarded. Must agree with src/model/drop.ts, which says what each means; compared when the addon is
// loaded.
#pragma once

#include <cstdint>

namespace vswitch {

#define VSWITCH_DROP_REASONS(X) \
  X(table_miss)                 \
  X(rule_drop)                  \
  X(policy_refused)             \
  X(unknown_destination)        \
  X(runt_frame)                 \
  X(malformed_header)           \
  X(ttl_expired)                \
  X(output_is_ingress)          \
  X(output_port_gone)           \
  X(tx_queue_full)              \
  X(no_buffer)                  \
  X(action_without_header)      \
  X(header_split)               \
  X(mtu_exceeded)               \
  X(too_many_segments)          \
  X(meter_exceeded)             \
  X(no_live_bucket)             \
  X(not_a_tunnel)               \
  X(unknown_vni)                \
  X(no_headroom)                \
  X(ct_table_full)              \
  X(ct_tenant_full)             \
  X(ct_zone_full)               \
  X(ct_rate_exceeded)           \
  X(ct_nat_exhausted)           \
  X(ct_fragment)                \
  X(cycle_cap_exceeded)         \
  X(cycle_share_exceeded)       \
  X(reply_rate_exceeded)        \
  X(no_service)                 \
  X(spoofed_source)             \
  X(own_address)                \
  X(foreign_vlan)               \
  X(no_plugin)                  \
  X(punt_queue_full)            \
  X(punt_rate_exceeded)         \
  X(resubmit_limit)

enum class DropReason : uint8_t {
#define X(name) name,
  VSWITCH_DROP_REASONS(X)
#undef X
};

inline constexpr uint32_t kDropReasons = 0
#define X(name) +1
    VSWITCH_DROP_REASONS(X)
#undef X
    ;

}  // namespace vswitch
