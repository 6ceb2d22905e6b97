// pop_vlan: the outer VLAN tag off.
#pragma once

#include "action/action.h"
#include "action/vlan_tag.h"
#include "packet/parser.h"

namespace vswitch {

struct PopVlan {
  static constexpr bool kRewrites = true;
  static HeaderSet headers(const Action&) { return kVlan | kEtherType; }
  static Status check(const Action&) { return {}; }
  static void append(const Action&, std::vector<Op>& ops) { ops.push_back({ActionKind::pop_vlan}); }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op&, Selection& packets) noexcept {
    for_each_index(context, packets, [&context](uint32_t index) -> const DropReason* {
      Layers& layers = context.burst.layers[index];
      if (layers.tags == 0) return &kActionWithoutHeader;
      rte_mbuf* const mbuf = context.burst.packet[index];
      auto* const packet = rte_pktmbuf_mtod(mbuf, uint8_t*);
      memmove(packet + kVlanBytes, packet, kEthernetBytes - 2);
      rte_pktmbuf_adj(mbuf, kVlanBytes);
      --layers.tags;
      move_layers(layers, -static_cast<int32_t>(kVlanBytes));
      // A tag that was not read may have come into sight.
      if (layers.tags + 1 >= static_cast<int>(kMaxVlanTags)) (void)parse_again(context.plan, context.burst, index);
      return nullptr;
    });
  }
};

}  // namespace vswitch
