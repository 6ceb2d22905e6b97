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

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    const PortNumber in_port = context.burst.in_port;
    const PortNumber port = op.argument == kInPort ? in_port : op.argument;
    const EgressPort& egress = context.egress[port];
    const bool last = (op.flags & kLast) != 0;
    if (__builtin_expect(op.argument == in_port, 0)) return lose(context, packets, last, DropReason::output_is_ingress);
    if (__builtin_expect(!egress.open, 0)) return lose(context, packets, last, DropReason::output_port_gone);
    TrafficCounters& counters = context.port_counters[port];
    if (!last) return copy(context, port, egress.device, counters, packets);
    for (uint32_t i = 0; i < packets.count; ++i) {
      context.tx.stage(port, egress.device, context.burst.packet[packets.index[i]], counters, context.tenant);
    }
    packets.count = 0;
  }

 private:
  static void copy(const ActionContext& context, PortNumber port, uint16_t device, TrafficCounters& counters,
                   const Selection& packets) noexcept {
    for (uint32_t i = 0; i < packets.count; ++i) {
      rte_mbuf* packet = context.burst.packet[packets.index[i]];
      packet = rte_pktmbuf_copy(packet, packet->pool, 0, UINT32_MAX);
      if (packet == nullptr) {
        count_drop(context.tenant, DropReason::no_buffer);
      } else {
        context.tx.stage(port, device, packet, counters, context.tenant);
      }
    }
  }

  VSWITCH_COLD static void lose(const ActionContext& context, Selection& packets, bool last, DropReason reason) noexcept {
    if (last) return drop_all(context, packets, reason);
    count_drop(context.tenant, reason, packets.count);
  }
};

}  // namespace vswitch
