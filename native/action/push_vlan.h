// push_vlan: a new outer tag (IEEE 802.1Q, 802.1ad), with priority and VID of the one that was outer before, else 0
// (OpenFlow 1.3.5, section 5.12).
#pragma once

#include <rte_byteorder.h>

#include <string>

#include "action/action.h"
#include "action/vlan_tag.h"
#include "packet/rewrite.h"

namespace vswitch {

struct PushVlan {
  static constexpr bool kRewrites = true;
  static HeaderSet headers(const Action&) { return kVlan | kEtherType; }

  static Status check(const Action& action) {
    if (action.argument == kTypeVlan || action.argument == kTypeQinq) return {};
    return error(ErrorCode::BAD_TRANSACTION, "push_vlan with Ethernet type " + std::to_string(action.argument));
  }

  static void append(const Action& action, std::vector<Op>& ops) {
    Op op{ActionKind::push_vlan};
    op.argument = rte_cpu_to_be_16(action.argument);
    ops.push_back(op);
  }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    for_each_index(context, packets, [&](uint32_t index) -> const DropReason* {
      char* const packet = rte_pktmbuf_prepend(context.burst.packet[index], kVlanBytes);
      if (packet == nullptr) return &kNoHeadroom;
      push(reinterpret_cast<uint8_t*>(packet), static_cast<uint16_t>(op.argument), context.burst.layers[index]);
      return nullptr;
    });
  }

 private:
  VSWITCH_INLINE static void push(uint8_t* packet, uint16_t type, Layers& layers) noexcept {
    const auto first = load<uint64_t>(packet + kVlanBytes);  // of both addresses
    const auto last = load<uint32_t>(packet + kVlanBytes + 8);
    store(packet, first);
    store(packet + 8, last);
    store<uint16_t>(packet + 12, type);
    const uint16_t tag = layers.tags == 0 ? 0 : load<uint16_t>(packet + 18);
    store<uint16_t>(packet + 14, tag & static_cast<uint16_t>(~RTE_BE16(0x1000)));
    ++layers.tags;
    move_layers(layers, kVlanBytes);
  }
};

}  // namespace vswitch
