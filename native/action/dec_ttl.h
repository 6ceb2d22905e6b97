// dec_ttl: the TTL of IPv4 with its checksum, or the hop limit of IPv6, less one (RFC 791, RFC 8200). A packet that would have
// none left is dropped, as a router does, which tells its sender.
#pragma once

#include "action/action.h"
#include "action/router.h"
#include "packet/rewrite.h"

namespace vswitch {

struct DecTtl {
  static constexpr bool kRewrites = true;
  static HeaderSet headers(const Action&) { return kIpv4 | kIpv6 | kEtherType; }
  static Status check(const Action&) { return {}; }
  static void append(const Action&, std::vector<Op>& ops) { ops.push_back({ActionKind::dec_ttl}); }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op&, Selection& packets) noexcept {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < packets.count; ++i) {
      const uint8_t index = packets.index[i];
      auto* const packet = rte_pktmbuf_mtod(context.burst.packet[index], uint8_t*);
      const DropReason* const reason = decrement(packet, context.burst.layers[index]);
      packets.index[kept] = index;
      kept += reason == nullptr;
      if (__builtin_expect(reason != nullptr, 0)) drop_expired(context, index, *reason);
    }
    packets.count = kept;
  }

  // Why the packet is to be dropped; null: it is not.
  VSWITCH_INLINE static const DropReason* decrement(uint8_t* packet, const Layers& layers) noexcept {
    if (__builtin_expect(layers.ipv4 != 0, 1)) return decrement_ipv4(packet + layers.ipv4);
    if (layers.ipv6 == 0) return &kActionWithoutHeader;
    uint8_t& hop_limit = packet[layers.ipv6 + 7];
    if (hop_limit <= 1) return &kTtlExpired;
    --hop_limit;
    return nullptr;
  }

 private:
  // The checksum is the complement of a one's complement sum: what the sum loses it gains (RFC 1141).
  VSWITCH_INLINE static const DropReason* decrement_ipv4(uint8_t* ip) noexcept {
    if (__builtin_expect(ip[8] <= 1, 0)) return &kTtlExpired;
    --ip[8];
    const uint32_t checksum = uint32_t{load<uint16_t>(ip + kIpv4Checksum)} + RTE_BE16(0x0100);
    store(ip + kIpv4Checksum, static_cast<uint16_t>(checksum + (checksum >= 0xffff ? 1 : 0)));
    return nullptr;
  }
};

}  // namespace vswitch
