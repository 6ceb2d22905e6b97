// Sizes that bound every structure; nothing grows because of what a sender puts on the wire.
#pragma once

#include <cstdint>

namespace vswitch {

// Must agree with src/config/schema.ts; compared when the addon is loaded.
inline constexpr uint32_t kMaxPort = 254;   // port numbers 1 to kMaxPort
inline constexpr uint32_t kMaxTenant = 63;  // tenant slots 1 to kMaxTenant
inline constexpr uint32_t kMaxTables = 1;   // of each slot; without goto_table, only table 0 can be reached

inline constexpr uint32_t kPorts = kMaxPort + 1;    // array size, indexed by port number
inline constexpr uint32_t kSlots = kMaxTenant + 1;  // array size, indexed by tenant slot
inline constexpr uint32_t kMaxWorkers = 16;
inline constexpr uint32_t kMaxQueues = 16;
inline constexpr uint32_t kBurst = 32;  // packets handled together
inline constexpr uint32_t kMaxActions = 64;

// The slot of what belongs to no tenant.
inline constexpr uint32_t kUplinkSlot = 0;

}  // namespace vswitch
