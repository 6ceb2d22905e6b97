// Words of a packet, which lie at any address.
#pragma once

#include <rte_byteorder.h>

#include <cstdint>
#include <cstring>

#include "base/hot.h"

namespace vswitch {

template <typename T>
[[nodiscard]] VSWITCH_INLINE T load(const uint8_t* at) noexcept {
  T value;
  memcpy(&value, at, sizeof value);
  return value;
}

template <typename T>
VSWITCH_INLINE void store(uint8_t* at, T value) noexcept {
  memcpy(at, &value, sizeof value);
}

[[nodiscard]] VSWITCH_INLINE uint16_t load_be16(const uint8_t* at) noexcept { return rte_be_to_cpu_16(load<uint16_t>(at)); }

}  // namespace vswitch
