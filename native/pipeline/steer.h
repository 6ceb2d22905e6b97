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

// Whether packets of the port have to be looked up.
VSWITCH_INLINE bool is_steered(const Program& program, PortNumber in_port) noexcept {
  return program.ports[in_port].slot == kUplinkSlot && program.steering->table.kind() != Template::empty;
}

void steer(const Program& program, const Burst& burst, const Selection& selection, Steered& out) noexcept;

}  // namespace vswitch
