#include "pipeline/program.h"

namespace vswitch {
namespace {

void add_needs(const std::vector<HeaderNeed>& needs, PortNumber port, ParsePlan& plan) {
  for (const HeaderNeed& need : needs) {
    if (need.in_port == 0 || need.in_port == port) plan.add(need.headers);
  }
}

}  // namespace

void Program::plan_parsers() {
  for (PortNumber port = 1; port < kPorts; ++port) {
    ParsePlan plan;
    if (egress[port].open) {
      if (ports[port].slot != kUplinkSlot) {
        add_needs(slots[ports[port].slot]->needs, port, plan);
      } else {
        // An uplink's packet may be anybody's.
        add_needs(steering->needs, port, plan);
        for (const auto& slot : slots) add_needs(slot->needs, port, plan);
      }
    }
    ports[port].plan = plan;
  }
}

}  // namespace vswitch
