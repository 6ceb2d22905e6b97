// Attributes of code on the packet path.
#pragma once

#include <cstddef>

#define VSWITCH_HOT __attribute__((hot))
#define VSWITCH_INLINE inline __attribute__((always_inline))
#define VSWITCH_COLD __attribute__((cold, noinline))

namespace vswitch {

// Fields written by different threads keep this distance: two lines, since the adjacent-line prefetcher fetches pairs.
inline constexpr size_t kFalseSharing = 128;

}  // namespace vswitch
