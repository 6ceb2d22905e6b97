// arp_reply: makes of an ARP request the reply that says which MAC address has the address asked for (RFC 826), addressed to who
// asked. Sent by an output to `in_port`.
#pragma once

#include <cstring>

#include "action/action.h"
#include "action/router.h"

namespace vswitch {

struct ArpReply {
  static constexpr bool kRewrites = true;
  static HeaderSet headers(const Action&) { return kArp | kEtherType; }
  static Status check(const Action&) { return {}; }

  static void append(const Action& action, std::vector<Op>& ops) {
    Op op{ActionKind::arp_reply};
    store_mac(action.value, op.bytes);
    ops.push_back(op);
  }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    for_each_packet(context, packets, [&](uint8_t* packet, const Layers& layers) -> const DropReason* {
      if (layers.arp == 0) return &kActionWithoutHeader;
      if (!may_reply(context)) return &kReplyRateExceeded;
      uint8_t* const arp = packet + layers.arp;
      uint8_t* const sender = arp + 8;   // sha, spa: 6 and 4 bytes
      uint8_t* const target = arp + 18;  // tha, tpa
      uint8_t asked[4];
      memcpy(asked, target + 6, sizeof asked);
      memcpy(target, sender, 10);
      memcpy(sender, op.bytes, 6);
      memcpy(sender + 6, asked, sizeof asked);
      arp[6] = 0;
      arp[7] = 2;  // reply
      memcpy(packet, target, 6);
      memcpy(packet + 6, op.bytes, 6);
      return nullptr;
    });
  }
};

}  // namespace vswitch
