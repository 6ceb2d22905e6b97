// The match fields, by their OXM names (OpenFlow 1.3.5, section 7.2.3.7), in the order of src/model/match.ts, with which this
// list is compared when the addon is loaded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "packet/flow_key.h"
#include "packet/headers.h"

namespace vswitch {

// name, bits, key member, byte within the member, bytes, left shift within them, headers that must be read for it
#define VSWITCH_FIELDS(X)                                                  \
  X(in_port, 16, in_port, 0, 2, 0, 0)                                      \
  X(eth_dst, 48, eth_dst, 0, 6, 0, kEthernetAddresses)                     \
  X(eth_src, 48, eth_src, 0, 6, 0, kEthernetAddresses)                     \
  X(eth_type, 16, eth_type, 0, 2, 0, kEtherType)                           \
  X(vlan_vid, 13, vlan_tci, 0, 2, 0, kVlan | kEtherType)                   \
  X(vlan_pcp, 3, vlan_tci, 0, 2, 13, kVlan | kEtherType)                   \
  X(ip_dscp, 6, ip_tos, 0, 1, 2, kIpv4 | kIpv6 | kEtherType)               \
  X(ip_ecn, 2, ip_tos, 0, 1, 0, kIpv4 | kIpv6 | kEtherType)                \
  X(ip_proto, 8, ip_proto, 0, 1, 0, kIpv4 | kIpv6 | kEtherType)            \
  X(ipv4_src, 32, nw_src, 0, 4, 0, kIpv4 | kEtherType)                     \
  X(ipv4_dst, 32, nw_dst, 0, 4, 0, kIpv4 | kEtherType)                     \
  X(ipv6_src, 128, ipv6_src, 0, 16, 0, kIpv6 | kEtherType)                 \
  X(ipv6_dst, 128, ipv6_dst, 0, 16, 0, kIpv6 | kEtherType)                 \
  X(tcp_src, 16, tp_src, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType) \
  X(tcp_dst, 16, tp_dst, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType) \
  X(udp_src, 16, tp_src, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType) \
  X(udp_dst, 16, tp_dst, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType) \
  X(icmpv4_type, 8, tp_src, 0, 1, 0, kTransport | kIpv4 | kEtherType)      \
  X(icmpv4_code, 8, tp_dst, 0, 1, 0, kTransport | kIpv4 | kEtherType)      \
  X(icmpv6_type, 8, tp_src, 0, 1, 0, kTransport | kIpv6 | kEtherType)      \
  X(icmpv6_code, 8, tp_dst, 0, 1, 0, kTransport | kIpv6 | kEtherType)      \
  X(arp_op, 16, arp_op, 0, 2, 0, kArp | kEtherType)                        \
  X(arp_spa, 32, nw_src, 0, 4, 0, kArp | kEtherType)                       \
  X(arp_tpa, 32, nw_dst, 0, 4, 0, kArp | kEtherType)                       \
  X(arp_sha, 48, ipv6_src, 0, 6, 0, kArp | kEtherType)                     \
  X(arp_tha, 48, ipv6_src, 8, 6, 0, kArp | kEtherType)

enum class Field : uint16_t {
#define X(name, ...) name,
  VSWITCH_FIELDS(X)
#undef X
};

struct FieldSpec {
  std::string_view name;
  uint16_t bits;
  uint8_t offset;  // bytes into FlowKey
  uint8_t bytes;
  uint8_t shift;
  HeaderSet headers;
};

inline constexpr std::array kFields = {
#define X(name, bits, member, byte, bytes, shift, headers) \
  FieldSpec{#name, bits, static_cast<uint8_t>(offsetof(FlowKey, member) + (byte)), bytes, shift, headers},
    VSWITCH_FIELDS(X)
#undef X
};

using Value128 = unsigned __int128;

// Ors `value`, an integer of at most the field's bits, into the field's place of `key`.
inline void place(const FieldSpec& field, Value128 value, KeyWords& key) noexcept {
  value <<= field.shift;
  auto* bytes = reinterpret_cast<uint8_t*>(key.word) + field.offset;
  for (int i = field.bytes - 1; i >= 0; --i, value >>= 8) bytes[i] |= static_cast<uint8_t>(value);
}

}  // namespace vswitch
