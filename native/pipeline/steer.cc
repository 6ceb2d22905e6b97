#include "pipeline/steer.h"

namespace vswitch {

VSWITCH_HOT void steer(const Program& program, const Burst& burst, const Selection& selection, Steered& out) noexcept {
  if (!is_steered(program, burst.in_port)) {
    out.count = 1;
    out.slot[0] = program.ports[burst.in_port].slot;
    out.packets[0] = selection;
    return;
  }
  Hit hits[kBurst];
  program.steering->table.lookup(burst.key, selection, hits);
  out.count = 0;
  for (uint32_t i = 0; i < selection.count; ++i) {
    const uint32_t packet = selection.index[i];
    const auto slot = static_cast<TenantSlot>(hits[packet].found() ? hits[packet].target() : kUplinkSlot);
    uint32_t at = 0;
    // Bounded by the burst: packets of a burst are of few tenants, mostly of one.
    while (at < out.count && out.slot[at] != slot) ++at;
    if (at == out.count) {
      out.slot[at] = slot;
      out.packets[at].count = 0;
      ++out.count;
    }
    out.packets[at].add(packet);
  }
}

}  // namespace vswitch
