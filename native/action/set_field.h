// set_field: writes a header field, or the bits of it under a mask, and mends the checksums that cover it. Neighbouring ones of
// the Ethernet addresses become one op.
#pragma once

#include <cstring>

#include "action/action.h"

namespace vswitch {

struct SetField {
  static constexpr bool kRewrites = true;

  static HeaderSet headers(const Action& action);
  static Status check(const Action& action);
  static void append(const Action& action, std::vector<Op>& ops);

  // Whether `op`, which comes right after `before`, became part of it. Their payloads follow them.
  static bool merge(Op& before, const Op& op) {
    if (before.kind != ActionKind::set_field || op.kind != ActionKind::set_field) return false;
    if (before.flags == 0 || op.flags == 0) return false;
    auto* const all = reinterpret_cast<uint8_t*>(&before + 1);
    const auto* const more = reinterpret_cast<const uint8_t*>(&op + 1);
    if ((op.flags & kDestination) != 0) memcpy(all, more, 6);
    if ((op.flags & kSource) != 0) memcpy(all + 6, more + 6, 6);
    before.flags |= op.flags;
    return true;
  }

  // Of a compiled op: whether it sets the Ethernet addresses or one of them, as a whole.
  static bool sets_addresses(const Op& op) { return op.flags != 0; }

  // What such an op writes to the first 12 bytes of a packet, and which bits of them it leaves.
  static void patch_addresses(const Op& op, uint8_t value[12], uint8_t keep[12]) {
    const uint32_t at = op.flags == kSource ? 6 : 0;
    const uint32_t bytes = op.flags == (kDestination | kSource) ? 12 : 6;
    memcpy(value + at, op.payload<Addresses>().bytes + at, bytes);
    memset(keep + at, 0, bytes);
  }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    if (op.flags == 0) return set(context, op, packets);
    const bool both = op.flags == (kDestination | kSource);
    const uint32_t at = op.flags == kSource ? 6 : 0;
    const uint8_t* const addresses = op.payload<Addresses>().bytes;
    for (uint32_t i = 0; i < packets.count; ++i) {
      auto* ethernet = rte_pktmbuf_mtod(context.burst.packet[packets.index[i]], uint8_t*);
      if (both) {
        memcpy(ethernet, addresses, 12);
      } else {
        memcpy(ethernet + at, addresses + at, 6);
      }
    }
  }

 private:
  // Flags of an op for whole Ethernet addresses; others have none.
  static constexpr uint8_t kDestination = 1;
  static constexpr uint8_t kSource = 2;

  struct Addresses {
    uint8_t bytes[12];
  };

  static void set(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
