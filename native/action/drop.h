// drop: the packet ends here, under the reason that the rule gives.
#pragma once

#include "action/action.h"

namespace vswitch {

struct Drop {
  static constexpr HeaderSet kHeaders = 0;

  static Status check(const Action& action) {
    if (action.argument < kDropReasons) return {};
    return error(ErrorCode::BAD_TRANSACTION, "drop reason number " + std::to_string(action.argument));
  }

  static Op encode(const Action& action) { return {ActionKind::drop, 0, action.argument, {}}; }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    drop_all(context, packets, static_cast<DropReason>(op.argument));
  }
};

}  // namespace vswitch
