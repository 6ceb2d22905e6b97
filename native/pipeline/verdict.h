// The end of packets that are not forwarded: counted under a named reason, for the tenant whose they are.
#pragma once

#include "action/action.h"

namespace vswitch {

VSWITCH_INLINE void drop(Burst& burst, uint32_t index, TenantCounters& tenant, DropReason reason) noexcept {
  count_drop(tenant, reason);
  rte_pktmbuf_free(burst.packet[index]);
}

}  // namespace vswitch
