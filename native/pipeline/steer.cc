#include "pipeline/steer.h"

namespace vswitch {

VSWITCH_HOT void steer(const Program& program, const Burst& burst, const Selection& selection, Steered& out) noexcept {
  Hit hits[kBurst];
  program.steering->table.lookup(burst.key, selection, hits);
  // Neighbours in a burst are of any tenants: there is no branch on which.
  for (uint32_t i = 0; i < selection.count; ++i) {
    const uint32_t packet = selection.index[i];
    const auto slot = static_cast<TenantSlot>(hits[packet].found() ? hits[packet].target() : kUplinkSlot);
    out.packets[slot].add(packet);
    out.slots |= slot_bit(slot);
  }
}

}  // namespace vswitch
