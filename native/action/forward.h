// What most rules do, as one step instead of several ops: whole Ethernet addresses are set, the TTL is decremented, and the
// packet goes out by one port and is gone.
#pragma once

#include <span>

#include "action/dec_ttl.h"
#include "action/output.h"
#include "action/set_field.h"

namespace vswitch {

class Forward {
 public:
  // Whether these ops, of a program that ends with them, are such a step, which is set then.
  static bool compile(std::span<const Op> ops, Forward& step) {
    step = {};
    for (size_t at = 0; at < ops.size(); at += 1u + ops[at].extra) {
      const Op& op = ops[at];
      if (op.kind == ActionKind::set_field && SetField::sets_addresses(op)) {
        step.set(op);
      } else if (op.kind == ActionKind::dec_ttl && !step.dec_ttl_) {
        step.dec_ttl_ = true;
      } else {
        step.output_ = op;
        return at + 1 == ops.size() && op.kind == ActionKind::output && (op.flags & kLastOp) != 0 && op.argument <= kMaxPort;
      }
    }
    return false;
  }

  // The way out by a port, found once for the steps of a burst that go there one after the other.
  struct Way {
    PortNumber port = 0;
    EgressPort egress;
    TxBuffer::Lane* lane = nullptr;  // null: there is no short way
  };

  // Whether the packets of the burst can take the short way, which is `way` then.
  VSWITCH_INLINE bool finds(const ActionContext& context, Way& way) const noexcept {
    const auto port = static_cast<PortNumber>(output_.argument);
    if (port != way.port) {
      way.port = port;
      way.egress = context.egress[port];
      const bool is_closed = !way.egress.open || port == context.burst.in_port || context.burst.written != 0;
      way.lane = is_closed ? nullptr : context.tx.lane(port, way.egress.device);
    }
    return way.lane != nullptr;
  }

  // Sends a packet of the burst that way; drops it by name where it cannot go.
  VSWITCH_INLINE void push(const ActionContext& context, const Way& way, uint32_t index) const noexcept {
    rte_mbuf* const packet = context.burst.packet[index];
    // What its sender is told is of the packet as it came.
    if (__builtin_expect(!is_fit(way.egress, packet), 0)) {
      if (!fit_packet(context, way.egress, index)) return;
    }
    auto* const bytes = rte_pktmbuf_mtod(packet, uint8_t*);
    if (dec_ttl_) {
      const DropReason* const reason = DecTtl::decrement(bytes, context.burst.layers[index]);
      if (__builtin_expect(reason != nullptr, 0)) return drop_expired(context, index, *reason);
    }
    rewrite(bytes);
    context.tx.push(*way.lane, packet, context.port_counters[way.port], context.tenant);
  }

  // As the ops would do it.
  void run(const ActionContext& context, Selection& packets) const noexcept {
    Way way;
    if (__builtin_expect(finds(context, way), 1)) {
      for (uint32_t i = 0; i < packets.count; ++i) push(context, way, packets.index[i]);
      packets.count = 0;
      return;
    }
    if (dec_ttl_) DecTtl::apply(context, output_, packets);
    for (uint32_t i = 0; i < packets.count; ++i) {
      rewrite(rte_pktmbuf_mtod(context.burst.packet[packets.index[i]], uint8_t*));
    }
    Output::apply(context, output_, packets);
  }

 private:
  void set(const Op& op) {
    uint8_t value[12];
    uint8_t keep[12];
    store(value, first_), store(value + 8, last_);
    store(keep, keep_first_), store(keep + 8, keep_last_);
    SetField::patch_addresses(op, value, keep);
    first_ = load<uint64_t>(value), last_ = load<uint32_t>(value + 8);
    keep_first_ = load<uint64_t>(keep), keep_last_ = load<uint32_t>(keep + 8);
  }

  // One masked store of the addresses.
  VSWITCH_INLINE void rewrite(uint8_t* packet) const noexcept {
    store(packet, (load<uint64_t>(packet) & keep_first_) | first_);
    store(packet + 8, (load<uint32_t>(packet + 8) & keep_last_) | last_);
  }

  uint64_t first_ = 0;
  uint64_t keep_first_ = UINT64_MAX;
  uint32_t last_ = 0;
  uint32_t keep_last_ = UINT32_MAX;
  Op output_{ActionKind::output};
  bool dec_ttl_ = false;
  [[maybe_unused]] uint8_t unused_[7] = {};  // written, so that equal steps are of equal bytes
};

}  // namespace vswitch
