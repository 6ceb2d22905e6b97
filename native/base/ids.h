// Numbers that cross floors.
#pragma once

#include <cstdint>

namespace vswitch {

using PortNumber = uint16_t;  // OpenFlow port number, 1 to kMaxPort
using TenantSlot = uint16_t;  // 0: uplink
using RuleId = uint32_t;      // indexes the rule's counters
using Generation = uint64_t;  // counts published programs

inline constexpr RuleId kNoRule = UINT32_MAX;
// OpenFlow's OFPP_IN_PORT in 16 bits.
inline constexpr PortNumber kInPort = 0xfff8;
// OpenFlow's OFPP_FLOOD in 16 bits.
inline constexpr PortNumber kFlood = 0xfffb;

}  // namespace vswitch
