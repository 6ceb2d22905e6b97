// drop: the packet ends here, under the reason that the rule gives.
#pragma once

#include "action/action.h"

namespace vswitch {

struct Drop {
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return 0; }

  static Status check(const Action& action) {
    if (action.argument < kDropReasons) return {};
    return error(ErrorCode::BAD_TRANSACTION, "drop reason number " + std::to_string(action.argument));
  }

  static void append(const Action& action, std::vector<Op>& ops) {
    Op op{ActionKind::drop};
    op.argument = action.argument;
    ops.push_back(op);
  }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    drop_all(context, packets, static_cast<DropReason>(op.argument));
  }
};

}  // namespace vswitch
