// Whether the tests run under sanitizers, which look for faults of memory: that takes fewer rounds and smaller tables.
#pragma once

namespace vswitch::test {

#ifdef VSWITCH_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace vswitch::test
