#include "action/conntrack.h"

namespace vswitch {

void ThroughConntrack::apply(const ActionContext& context, const Op&, Selection& packets) noexcept {
  drop_all(context, packets, DropReason::ct_table_full);
}

}  // namespace vswitch
