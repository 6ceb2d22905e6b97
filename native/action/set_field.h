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

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    const bool both = op.flags == (kDestination | kSource);
    const uint32_t at = op.flags == kSource ? 6 : 0;
    for (uint32_t i = 0; i < packets.count; ++i) {
      auto* ethernet = rte_pktmbuf_mtod(context.burst.packet[packets.index[i]], uint8_t*);
      if (both) {
        memcpy(ethernet, op.bytes, 12);
      } else {
        memcpy(ethernet + at, op.bytes + at, 6);
      }
    }
  }

 private:
  static constexpr uint8_t kDestination = 1;
  static constexpr uint8_t kSource = 2;

  static bool is(const Action& action, Field field) { return action.argument == static_cast<uint16_t>(field); }
};

}  // namespace vswitch
