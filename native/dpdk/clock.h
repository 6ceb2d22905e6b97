// The time stamp counter: invariant and synchronised between cores on the machines this runs on.
#pragma once

#include <rte_cycles.h>

#include <cstdint>

#include "base/hot.h"

namespace vswitch {

using Cycles = uint64_t;

VSWITCH_INLINE Cycles now() noexcept { return rte_rdtsc(); }
inline Cycles cycles_per_second() noexcept { return rte_get_tsc_hz(); }

}  // namespace vswitch
