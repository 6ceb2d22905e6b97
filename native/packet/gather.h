// Packets whose headers lie across segments.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

#include "base/hot.h"

namespace vswitch {

// No header that is read ends behind this, in practice.
inline constexpr uint32_t kGatheredBytes = 256;

// Moves what comes next into the first segment, until that holds kGatheredBytes or the whole packet. False where nothing is to be
// moved, or where the first segment has no room for it in a buffer of its own.
VSWITCH_COLD bool gather(rte_mbuf* packet) noexcept;

}  // namespace vswitch
