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

  VSWITCH_INLINE static Step apply(ActionContext& context, const Op&) noexcept {
    auto* packet = rte_pktmbuf_mtod(context.packet, uint8_t*);
    if (context.layers->ipv4 != 0) {
      uint8_t* const ip = packet + context.layers->ipv4;
      if (ip[8] <= 1) return drop_packet(context, DropReason::ttl_expired);
      const auto before = word(ip + 8);
      --ip[8];
      const uint16_t checksum = update_checksum(word(ip + 10), before, word(ip + 8));
      memcpy(ip + 10, &checksum, sizeof checksum);
      return Step::kNext;
    }
    if (context.layers->ipv6 != 0) {
      uint8_t& hop_limit = packet[context.layers->ipv6 + 7];
      if (hop_limit <= 1) return drop_packet(context, DropReason::ttl_expired);
      --hop_limit;
      return Step::kNext;
    }
    return drop_packet(context, DropReason::action_without_header);
  }

 private:
  VSWITCH_INLINE static uint16_t word(const uint8_t* at) noexcept {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
  }
};

}  // namespace vswitch
