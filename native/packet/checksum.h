// Incremental checksum update, RFC 1624: HC' = ~(~HC + ~m + m'), all in one's complement and any byte order.
#pragma once

#include <cstdint>

#include "base/hot.h"

namespace vswitch {

// The sum of ~m + m' over words that changed. Words of 32 bits count like their halves, because 2^16 is 1 here.
using Difference = uint64_t;

template <typename Word>
[[nodiscard]] VSWITCH_INLINE Difference difference(Word before, Word after) noexcept {
  static_assert(sizeof(Word) == 2 || sizeof(Word) == 4);
  return static_cast<Difference>(static_cast<Word>(~before)) + after;
}

[[nodiscard]] VSWITCH_INLINE uint16_t fold(uint64_t sum) noexcept {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// The checksum, as it lies in the packet, after words that it covers changed.
[[nodiscard]] VSWITCH_INLINE uint16_t update_checksum(uint16_t checksum, Difference change) noexcept {
  return static_cast<uint16_t>(~fold(static_cast<uint16_t>(~checksum) + change));
}

[[nodiscard]] VSWITCH_INLINE uint16_t update_checksum(uint16_t checksum, uint16_t before, uint16_t after) noexcept {
  return update_checksum(checksum, difference(before, after));
}

// Of UDP, where 0 says that there is none (RFC 768).
[[nodiscard]] VSWITCH_INLINE uint16_t update_udp_checksum(uint16_t checksum, Difference change) noexcept {
  if (checksum == 0) return 0;
  const uint16_t updated = update_checksum(checksum, change);
  return updated == 0 ? 0xffff : updated;
}

}  // namespace vswitch
