// output: stages the packet for a port, or for all ports of its tenant (FLOOD); a copy of it where actions follow
// (OpenFlow 1.3.5, section 5.12).
#pragma once

#include <string>

#include "action/action.h"
#include "action/router.h"

namespace vswitch {

VSWITCH_INLINE PacketSet set_of(const Selection& packets) noexcept {
  PacketSet set = 0;
  for (uint32_t i = 0; i < packets.count; ++i) set |= packet_bit(packets.index[i]);
  return set;
}

// Whether an op marked kLastOp may take the packets: not where an action set waits.
VSWITCH_INLINE bool is_last(const ActionContext& context, const Op& op) noexcept {
  return (op.flags & kLastOp) != 0 && context.burst.written == 0;
}

// Whether the port can take the packet as it is.
VSWITCH_INLINE bool is_fit(const EgressPort& egress, const rte_mbuf* packet) noexcept {
  return rte_pktmbuf_pkt_len(packet) <= egress.max_bytes && packet->nb_segs <= egress.max_segments;
}

// Stages a packet that is the caller's to give, and none of the burst; drops it under a name where the port cannot take it.
VSWITCH_INLINE void stage_packet(const ActionContext& context, PortNumber port, rte_mbuf* packet) noexcept {
  const EgressPort& egress = context.egress[port];
  if (__builtin_expect(!is_fit(egress, packet), 0)) {
    if (const DropReason* const reason = unfit(egress, packet); reason != nullptr) {
      count_drop(context.tenant, *reason);
      return rte_pktmbuf_free(packet);
    }
  }
  context.tx.stage(port, egress.device, packet, context.port_counters[port], context.tenant);
}

// Whether the packet of the burst is made one that the port can take; else it is dropped, and its sender told where it is too
// big.
VSWITCH_COLD inline bool fit_packet(const ActionContext& context, const EgressPort& egress, uint32_t index) noexcept {
  const DropReason* const reason = unfit(egress, context.burst.packet[index]);
  if (reason == nullptr) return true;
  if (*reason == DropReason::mtu_exceeded)
    send_router_error(context, index, RouterError::kTooBig, egress.max_bytes - kEthernetBytes);
  drop_packet(context, index, *reason);
  return false;
}

// Stages a packet of the burst that may be unfit for the port, or for a sink.
VSWITCH_COLD inline void stage_unfit(const ActionContext& context, PortNumber port, uint32_t index) noexcept {
  const EgressPort& egress = context.egress[port];
  if (!is_fit(egress, context.burst.packet[index]) && !fit_packet(context, egress, index)) return;
  context.tx.stage(port, egress.device, context.burst.packet[index], context.port_counters[port], context.tenant);
}

// Stages all packets, which end here.
VSWITCH_INLINE void stage_packets(const ActionContext& context, PortNumber port, Selection& packets) noexcept {
  const EgressPort egress = context.egress[port];
  TxBuffer::Lane* const lane = context.tx.lane(port, egress.device);
  for (uint32_t i = 0; i < packets.count; ++i) {
    rte_mbuf* const packet = context.burst.packet[packets.index[i]];
    if (__builtin_expect(lane != nullptr && is_fit(egress, packet), 1)) {
      context.tx.push(*lane, packet, context.port_counters[port], context.tenant);
    } else {
      stage_unfit(context, port, packets.index[i]);
    }
  }
  packets.count = 0;
}

// Stages a copy of at most `bytes` bytes.
VSWITCH_INLINE void stage_copy(const ActionContext& context, PortNumber port, const rte_mbuf* packet, uint32_t bytes) noexcept {
  rte_mbuf* const copy = rte_pktmbuf_copy(packet, packet->pool, 0, bytes);
  if (__builtin_expect(copy == nullptr, 0)) return count_drop(context.tenant, DropReason::no_buffer);
  stage_packet(context, port, copy);
}

struct Output {
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return 0; }

  static Status check(const Action& action) {
    const uint16_t port = action.argument;
    if (port == kInPort || port == kFlood || (port >= 1 && port <= kMaxPort)) return {};
    return error(ErrorCode::BAD_TRANSACTION, "output to port number " + std::to_string(port));
  }

  static void append(const Action& action, std::vector<Op>& ops) {
    Op op{ActionKind::output};
    op.argument = action.argument;
    ops.push_back(op);
  }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    const PortNumber in_port = context.burst.in_port;
    const bool last = is_last(context, op);
    if (__builtin_expect(op.argument == kFlood, 0)) return flood(context, packets, last);
    const auto port = static_cast<PortNumber>(op.argument == kInPort ? in_port : op.argument);
    if (__builtin_expect(op.argument == in_port, 0)) return lose(context, packets, last, DropReason::output_is_ingress);
    if (__builtin_expect(!context.egress[port].open, 0)) return lose(context, packets, last, DropReason::output_port_gone);
    if (!last) return copy(context, port, packets);
    stage_packets(context, port, packets);
  }

 private:
  static void copy(const ActionContext& context, PortNumber port, const Selection& packets) noexcept {
    for (uint32_t i = 0; i < packets.count; ++i) stage_copy(context, port, context.burst.packet[packets.index[i]], UINT32_MAX);
    context.burst.sent |= set_of(packets);
  }

  static void flood(const ActionContext& context, Selection& packets, bool last) noexcept {
    PortNumber held = 0;  // the port that gets the packet itself where nothing follows
    for (uint32_t i = 0; i < context.flood.count; ++i) {
      const PortNumber port = context.flood.port[i];
      if (port == context.burst.in_port || !context.egress[port].open) continue;
      if (held != 0) copy(context, held, packets);
      held = port;
    }
    if (held == 0) return;
    if (!last) return copy(context, held, packets);
    stage_packets(context, held, packets);
  }

  VSWITCH_COLD static void lose(const ActionContext& context, Selection& packets, bool last, DropReason reason) noexcept {
    if (last) return drop_all(context, packets, reason);
    count_drop(context.tenant, reason, packets.count);
    context.burst.sent |= set_of(packets);
  }
};

}  // namespace vswitch
