// dec_ttl: the TTL of IPv4 with its checksum, or the hop limit of IPv6, less one (RFC 791, RFC 8200). A packet that would have
// none left is dropped, as a router does.
#pragma once

#include "action/action.h"
#include "packet/rewrite.h"

namespace vswitch {

struct DecTtl {
  static constexpr bool kRewrites = true;
  static HeaderSet headers(const Action&) { return kIpv4 | kIpv6 | kEtherType; }
  static Status check(const Action&) { return {}; }
  static void append(const Action&, std::vector<Op>& ops) { ops.push_back({ActionKind::dec_ttl}); }

  VSWITCH_INLINE static void apply(const ActionContext& context, const Op&, Selection& packets) noexcept {
    for_each_packet(context, packets, [](uint8_t* packet, const Layers& layers) -> const DropReason* {
      if (layers.ipv4 != 0) return decrement_ipv4(packet + layers.ipv4);
      if (layers.ipv6 == 0) return &kActionWithoutHeader;
      uint8_t& hop_limit = packet[layers.ipv6 + 7];
      if (hop_limit <= 1) return &kTtlExpired;
      --hop_limit;
      return nullptr;
    });
  }

 private:
  VSWITCH_INLINE static const DropReason* decrement_ipv4(uint8_t* ip) noexcept {
    if (ip[8] <= 1) return &kTtlExpired;
    const auto before = load<uint16_t>(ip + 8);
    --ip[8];
    store(ip + 10, update_checksum(load<uint16_t>(ip + 10), before, load<uint16_t>(ip + 8)));
    return nullptr;
  }
};

}  // namespace vswitch
