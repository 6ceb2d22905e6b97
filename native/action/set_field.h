// set_field eth_dst, eth_src: neighbouring ones become one op.
#pragma once

#include <cstring>

#include "action/action.h"

namespace vswitch {

struct SetField {
  static constexpr HeaderSet kHeaders = 0;  // Ethernet's addresses are always where they are

  static Status check(const Action& action) {
    if (is(action, Field::eth_dst) || is(action, Field::eth_src)) return {};
    return error(ErrorCode::BAD_TRANSACTION, "set_field of field number " + std::to_string(action.argument));
  }

  static Op encode(const Action& action) {
    const bool destination = is(action, Field::eth_dst);
    Op op{ActionKind::set_field, destination ? kDestination : kSource, 0, {}};
    store_mac(action.value, op.bytes + (destination ? 0 : 6));
    return op;
  }

  // Whether `op`, which comes right after `before`, became part of it.
  static bool merge(Op& before, const Op& op) {
    if (before.kind != ActionKind::set_field || op.kind != ActionKind::set_field) return false;
    if ((op.flags & kDestination) != 0) memcpy(before.bytes, op.bytes, 6);
    if ((op.flags & kSource) != 0) memcpy(before.bytes + 6, op.bytes + 6, 6);
    before.flags |= op.flags;
    return true;
  }

  VSWITCH_INLINE static Step apply(ActionContext& context, const Op& op) noexcept {
    auto* ethernet = rte_pktmbuf_mtod(context.packet, uint8_t*);
    if (op.flags == (kDestination | kSource)) {
      memcpy(ethernet, op.bytes, 12);
    } else {
      const uint32_t at = op.flags == kDestination ? 0 : 6;
      memcpy(ethernet + at, op.bytes + at, 6);
    }
    return Step::kNext;
  }

 private:
  static constexpr uint8_t kDestination = 1;
  static constexpr uint8_t kSource = 2;

  static bool is(const Action& action, Field field) { return action.argument == static_cast<uint16_t>(field); }
};

}  // namespace vswitch
