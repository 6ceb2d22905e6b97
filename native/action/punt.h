// punt: the packet, as it is now, goes to the tenant's plugins, and ends here. What they send back comes in anew
// (worker/resume.cc).
#pragma once

#include "action/action.h"

namespace vswitch {

struct Punt {
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return 0; }
  static Status check(const Action&) { return {}; }

  static void append(const Action& action, std::vector<Op>& ops) {
    Op op{ActionKind::punt};
    op.argument = action.argument;
    ops.push_back(op);
  }

  static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
