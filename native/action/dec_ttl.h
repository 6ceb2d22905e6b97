// dec_ttl: the TTL of IPv4 with its checksum, or the hop limit of IPv6, less one (RFC 791, RFC 8200). A packet that would have
// none left is dropped, as a router does.
#pragma once

#include "action/action.h"
#include "packet/checksum.h"

namespace vswitch {

struct DecTtl {
  static constexpr HeaderSet kHeaders = kIpv4 | kIpv6 | kEtherType;

  static Status check(const Action&) { return {}; }
  static Op encode(const Action&) { return {ActionKind::dec_ttl, 0, 0, {}}; }

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
    const uint16_t before = word(ip + 8);
    --ip[8];
    const uint16_t checksum = update_checksum(word(ip + 10), before, word(ip + 8));
    memcpy(ip + 10, &checksum, sizeof checksum);
    return nullptr;
  }

  VSWITCH_INLINE static uint16_t word(const uint8_t* at) noexcept {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
  }
};

}  // namespace vswitch
