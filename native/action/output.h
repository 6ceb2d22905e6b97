// output: stages the packet for a port; a copy of it where actions follow (OpenFlow 1.3.5, section 5.12).
#pragma once

#include "action/action.h"

namespace vswitch {

struct Output {
  static constexpr HeaderSet kHeaders = 0;
  static constexpr uint8_t kLast = 1;  // flag: nothing follows, the packet itself may go

  static Status check(const Action& action) {
    if (action.argument == kInPort || (action.argument >= 1 && action.argument <= kMaxPort)) return {};
    return error(ErrorCode::BAD_TRANSACTION, "output to port number " + std::to_string(action.argument));
  }

  static Op encode(const Action& action) { return {ActionKind::output, 0, action.argument, {}}; }

  VSWITCH_INLINE static Step apply(ActionContext& context, const Op& op) noexcept {
    const bool last = (op.flags & kLast) != 0;
    const PortNumber port = op.argument == kInPort ? context.in_port : op.argument;
    if (__builtin_expect(op.argument == context.in_port, 0)) return lose(context, last, DropReason::output_is_ingress);
    const EgressPort& egress = context.egress[port];
    if (__builtin_expect(!egress.open, 0)) return lose(context, last, DropReason::output_port_gone);
    rte_mbuf* packet = context.packet;
    if (!last) {
      packet = rte_pktmbuf_copy(packet, packet->pool, 0, UINT32_MAX);
      if (packet == nullptr) return lose(context, last, DropReason::no_buffer);
    }
    context.tx->stage(port, egress.device, packet, context.port_counters[port], *context.tenant);
    return last ? Step::kDone : Step::kNext;
  }

 private:
  VSWITCH_COLD static Step lose(const ActionContext& context, bool last, DropReason reason) noexcept {
    if (last) return drop_packet(context, reason);
    count_drop(*context.tenant, reason);
    return Step::kNext;
  }
};

}  // namespace vswitch
