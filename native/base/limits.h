// Sizes that bound every structure; nothing grows because of what a sender puts on the wire.
#pragma once

#include <cstdint>

namespace vswitch {

// Must agree with src/config/schema.ts; compared when the addon is loaded.
inline constexpr uint32_t kMaxPort = 254;   // port numbers 1 to kMaxPort
inline constexpr uint32_t kMaxTenant = 63;  // tenant slots 1 to kMaxTenant
inline constexpr uint32_t kMaxTables = 64;  // of each slot

inline constexpr uint32_t kPorts = kMaxPort + 1;    // array size, indexed by port number
inline constexpr uint32_t kSlots = kMaxTenant + 1;  // array size, indexed by tenant slot
inline constexpr uint32_t kMaxWorkers = 16;
inline constexpr uint32_t kMaxQueues = 16;
inline constexpr uint32_t kBurst = 64;       // packets handled together
inline constexpr uint32_t kMaxActions = 64;  // of a rule or a bucket
inline constexpr uint32_t kMaxBuckets = 64;
inline constexpr uint32_t kMaxGroupDepth = 4;  // groups that send to groups, the first included
inline constexpr uint32_t kMaxResubmits = 32;  // of a packet, before it is dropped
inline constexpr uint32_t kMaxVnis = 16;       // that one decap takes

// The slot of what belongs to no tenant.
inline constexpr uint32_t kUplinkSlot = 0;

}  // namespace vswitch
