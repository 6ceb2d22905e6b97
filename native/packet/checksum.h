// Incremental checksum update, RFC 1624: HC' = ~(~HC + ~m + m'), all in one's complement and any byte order.
#pragma once

#include <cstdint>

#include "base/hot.h"

namespace vswitch {

// The checksum after one 16-bit word it covers changed; all three as they lie in the packet.
[[nodiscard]] VSWITCH_INLINE uint16_t update_checksum(uint16_t checksum, uint16_t before, uint16_t after) noexcept {
  uint32_t sum = static_cast<uint16_t>(~checksum) + static_cast<uint32_t>(static_cast<uint16_t>(~before)) + after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace vswitch
