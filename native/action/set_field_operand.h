// What an op of set_field carries.
#pragma once

#include "action/action.h"
#include "packet/rewrite.h"

namespace vswitch {

// The same field of IPv4 and IPv6.
struct BothFamilies {
  Patch<2> ipv4;
  Patch<2> ipv6;
};

// Where it is: in the op itself where it is small.
template <typename T>
VSWITCH_INLINE const T& operand(const Op& op) noexcept {
  if constexpr (sizeof(T) <= sizeof op.bytes) {
    return *reinterpret_cast<const T*>(op.bytes);
  } else {
    return op.payload<T>();
  }
}

}  // namespace vswitch
