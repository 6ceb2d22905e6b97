// mirror: a copy of the packet as it is now, whole or its first bytes, of one packet in so many. The packet itself goes on.
#pragma once

#include <string>

#include "action/action.h"
#include "action/output.h"

namespace vswitch {

struct Mirror {
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return 0; }

  static Status check(const Action& action) {
    if (action.argument == 0 || action.argument > kMaxPort)
      return error(ErrorCode::BAD_TRANSACTION, "mirror to port number " + std::to_string(action.argument));
    if (one_in(action) == 0) return error(ErrorCode::BAD_TRANSACTION, "mirror of one packet in 0");
    return {};
  }

  static void append(const Action& action, std::vector<Op>& ops) {
    const auto most = static_cast<uint32_t>(action.value >> 32);
    Op op{ActionKind::mirror};
    op.argument = one_in(action);
    op.field = static_cast<uint8_t>(action.argument);
    const uint32_t bytes = most == 0 ? UINT32_MAX : most;
    memcpy(op.bytes, &bytes, sizeof bytes);
    ops.push_back(op);
  }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    const PortNumber port = op.field;
    uint32_t bytes;
    memcpy(&bytes, op.bytes, sizeof bytes);
    for (uint32_t i = 0; i < packets.count; ++i) {
      // The high bits of a random number times N are a number below N.
      if ((static_cast<uint64_t>(context.random.next()) * op.argument) >> 32 != 0) continue;
      copy(context, port, context.burst.packet[packets.index[i]], bytes);
    }
  }

 private:
  static uint32_t one_in(const Action& action) { return static_cast<uint32_t>(action.value); }

  static void copy(const ActionContext& context, PortNumber port, const rte_mbuf* packet, uint32_t bytes) noexcept {
    if (port == context.burst.in_port) return count_drop(context.tenant, DropReason::output_is_ingress);
    if (!context.egress[port].open) return count_drop(context.tenant, DropReason::output_port_gone);
    stage_copy(context, port, packet, bytes);
  }
};

}  // namespace vswitch
