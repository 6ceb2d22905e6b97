// Whose packets are these? A Gw port's are its tenant's; an uplink's are looked up in the steering table.
#pragma once

#include "packet/burst.h"
#include "pipeline/program.h"

namespace vswitch {

// A burst by tenant: the slots that occur in it, each with its packets.
struct Steered {
  uint32_t count = 0;
  TenantSlot slot[kBurst];
  Selection packets[kBurst];
};

void steer(const Program& program, const Burst& burst, const Selection& selection, Steered& out) noexcept;

}  // namespace vswitch
