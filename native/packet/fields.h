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

// name, bits, key member, byte within the member, bytes, left shift within them, headers that must be read for it, flags that say
// that it was read
#define VSWITCH_FIELDS(X)                                                                            \
  X(in_port, 16, in_port, 0, 2, 0, 0, 0)                                                             \
  X(eth_dst, 48, eth_dst, 0, 6, 0, kEthernetAddresses, 0)                                            \
  X(eth_src, 48, eth_src, 0, 6, 0, kEthernetAddresses, 0)                                            \
  X(eth_type, 16, eth_type, 0, 2, 0, kEtherType, 0)                                                  \
  X(vlan_vid, 13, vlan_tci, 0, 2, 0, kVlan | kEtherType, 0)                                          \
  X(vlan_pcp, 3, vlan_tci, 0, 2, 13, kVlan | kEtherType, 0)                                          \
  X(ip_dscp, 6, ip_tos, 0, 1, 2, kIpv4 | kIpv6 | kEtherType, 0)                                      \
  X(ip_ecn, 2, ip_tos, 0, 1, 0, kIpv4 | kIpv6 | kEtherType, 0)                                       \
  X(ip_proto, 8, ip_proto, 0, 1, 0, kIpv4 | kIpv6 | kEtherType, 0)                                   \
  X(ipv4_src, 32, nw_src, 0, 4, 0, kIpv4 | kEtherType, 0)                                            \
  X(ipv4_dst, 32, nw_dst, 0, 4, 0, kIpv4 | kEtherType, 0)                                            \
  X(ipv6_src, 128, ipv6_src, 0, 16, 0, kIpv6 | kEtherType, 0)                                        \
  X(ipv6_dst, 128, ipv6_dst, 0, 16, 0, kIpv6 | kEtherType, 0)                                        \
  X(tcp_src, 16, tp_src, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType, kHasTransport)            \
  X(tcp_dst, 16, tp_dst, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType, kHasTransport)            \
  X(udp_src, 16, tp_src, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType, kHasTransport)            \
  X(udp_dst, 16, tp_dst, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType, kHasTransport)            \
  X(icmpv4_type, 8, tp_src, 0, 1, 0, kTransport | kIpv4 | kEtherType, kHasTransport)                 \
  X(icmpv4_code, 8, tp_dst, 0, 1, 0, kTransport | kIpv4 | kEtherType, kHasTransport)                 \
  X(icmpv6_type, 8, tp_src, 0, 1, 0, kTransport | kIpv6 | kEtherType, kHasTransport)                 \
  X(icmpv6_code, 8, tp_dst, 0, 1, 0, kTransport | kIpv6 | kEtherType, kHasTransport)                 \
  X(arp_op, 16, tcp_flags, 0, 2, 0, kArp | kEtherType, kHasArp)                                      \
  X(arp_spa, 32, nw_src, 0, 4, 0, kArp | kEtherType, kHasArp)                                        \
  X(arp_tpa, 32, nw_dst, 0, 4, 0, kArp | kEtherType, kHasArp)                                        \
  X(arp_sha, 48, ipv6_src, 0, 6, 0, kArp | kEtherType, kHasArp)                                      \
  X(arp_tha, 48, ipv6_src, 8, 6, 0, kArp | kEtherType, kHasArp)                                      \
  X(metadata, 64, metadata, 0, 8, 0, 0, 0)                                                           \
  X(tunnel_id, 64, tunnel_id, 0, 8, 0, 0, 0)                                                         \
  X(ip_ttl, 8, ip_ttl, 0, 1, 0, kIpv4 | kIpv6 | kEtherType, 0)                                       \
  X(ip_frag, 2, layer_flags, 0, 1, 0, kIpv4 | kIpv6 | kEtherType, 0)                                 \
  X(sctp_src, 16, tp_src, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType, kHasTransport)           \
  X(sctp_dst, 16, tp_dst, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType, kHasTransport)           \
  X(tcp_flags, 12, tcp_flags, 0, 2, 0, kTransport | kIpv4 | kIpv6 | kEtherType, kHasTransport)       \
  X(ipv6_flabel, 20, ipv6_flabel, 0, 4, 0, kIpv6 | kEtherType, 0)                                    \
  X(ipv6_nd_target, 128, nd_target, 0, 16, 0, kNeighbour | kTransport | kIpv6 | kEtherType, kHasNd)  \
  X(ipv6_nd_sll, 48, nd_lladdr, 0, 6, 0, kNeighbour | kTransport | kIpv6 | kEtherType, kHasNdOption) \
  X(ipv6_nd_tll, 48, nd_lladdr, 0, 6, 0, kNeighbour | kTransport | kIpv6 | kEtherType, kHasNdOption) \
  X(ipv6_exthdr, 9, ipv6_exthdr, 0, 2, 0, kExtensions | kIpv6 | kEtherType, 0)                       \
  X(ct_state, 8, ct_state, 0, 1, 0, 0, 0)                                                            \
  X(ct_zone, 16, ct_zone, 0, 2, 0, 0, 0)                                                             \
  X(ct_mark, 32, ct_mark, 0, 4, 0, 0, 0)

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
  uint8_t flags;  // of KeyFlags
};

inline constexpr std::array kFields = {
#define X(name, bits, member, byte, bytes, shift, headers, flags) \
  FieldSpec{#name, bits, static_cast<uint8_t>(offsetof(FlowKey, member) + (byte)), bytes, shift, headers, flags},
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

// All ones of the field's bits.
constexpr Value128 all_ones(const FieldSpec& field) { return field.bits == 128 ? ~Value128{0} : (Value128{1} << field.bits) - 1; }

// The field of a key as an integer.
inline Value128 value_of(const FieldSpec& field, const FlowKey& key) noexcept {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&key) + field.offset;
  Value128 value = 0;
  for (int i = 0; i < field.bytes; ++i) value = value << 8 | bytes[i];
  return (value >> field.shift) & all_ones(field);
}

// A field's flags as a part of a key's word.
inline constexpr uint32_t kFlagsWord = offsetof(FlowKey, layer_flags) / sizeof(uint64_t);
constexpr uint64_t flags_word(uint8_t flags) { return uint64_t{flags} << offsetof(FlowKey, layer_flags) % sizeof(uint64_t) * 8; }

}  // namespace vswitch
