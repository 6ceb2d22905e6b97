// Whose packets are these? A Gw port's are its tenant's; an uplink's are looked up in the steering table.
#pragma once

#include <array>

#include "base/slot_set.h"
#include "packet/burst.h"
#include "pipeline/program.h"

namespace vswitch {

// A burst by tenant.
struct Steered {
  SlotSet slots = 0;  // that occur in it
  std::array<Selection, kSlots> packets;
};

// Whether packets of the port have to be looked up.
VSWITCH_INLINE bool is_steered(const Program& program, PortNumber in_port) noexcept {
  return program.ports[in_port].slot == kUplinkSlot && program.steering->table.kind() != Template::empty;
}

// Adds the selected packets to `out`.
void steer(const Program& program, const Burst& burst, const Selection& selection, Steered& out) noexcept;

}  // namespace vswitch
