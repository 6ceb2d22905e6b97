// What the parser finds in a packet and tables match on: every field in network byte order, in words that keep fields which are
// often matched together in one. Fields that never occur in the same packet share a place; OpenFlow's prerequisites keep them
// apart.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/hot.h"

namespace vswitch {

struct FlowKey {
  // word 0
  uint16_t in_port;
  uint16_t eth_type;  // behind VLAN tags
  uint32_t nw_dst;    // ipv4_dst or arp_tpa
  // word 1
  uint32_t nw_src;  // ipv4_src or arp_spa
  uint16_t tp_src;  // tcp_src, udp_src, sctp_src; icmp type in the first byte
  uint16_t tp_dst;  // tcp_dst, udp_dst, sctp_dst; icmp code in the first byte
  // word 2
  uint8_t ip_proto;
  uint8_t ip_tos;       // ip_dscp and ip_ecn
  uint16_t vlan_tci;    // of the outer tag: pcp, then OpenFlow's OFPVID_PRESENT in the place of DEI, then vid; 0 where untagged
  uint16_t tcp_flags;   // 12 bits; or arp_op
  uint8_t ip_ttl;       // or hop limit
  uint8_t layer_flags;  // KeyFlags
  // words 3 and 4
  uint8_t eth_dst[6];
  uint16_t zero3;
  uint8_t eth_src[6];
  uint16_t zero4;
  // words 5 to 8
  uint8_t ipv6_src[16];  // or arp_sha in word 5, arp_tha in word 6
  uint8_t ipv6_dst[16];
  // words 9 to 11
  uint8_t nd_target[16];
  uint8_t nd_lladdr[6];  // ipv6_nd_sll or ipv6_nd_tll
  uint16_t ipv6_exthdr;  // bits of OpenFlow's ofp_ipv6exthdr_flags
  // words 12 and 13: of the packet in the pipeline, not in the packet
  uint64_t metadata;
  uint64_t tunnel_id;
  // words 14 and 15
  uint32_t ipv6_flabel;
  uint32_t ct_mark;  // with ct_zone and ct_state: of the packet in the pipeline, as its last conntrack action found it
  uint16_t ct_zone;
  uint8_t ct_state;  // CtStateBit
  uint8_t zero15[5];
};

// FlowKey::layer_flags.
enum KeyFlags : uint8_t {
  kFragment = 1,       // of any kind
  kLaterFragment = 2,  // without a transport header
  kHasTransport = 4,   // tp_src and tp_dst were read: rules that match them ask for this too
  kHasArp = 8,         // the arp fields were read, likewise
  kHasNd = 16,         // nd_target was read, likewise
  kHasNdOption = 32,   // nd_lladdr was read, likewise
};

inline constexpr uint32_t kKeyWords = 16;
inline constexpr uint16_t kVlanPresent = 0x1000;

static_assert(sizeof(FlowKey) == kKeyWords * sizeof(uint64_t));
static_assert(alignof(FlowKey) <= alignof(uint64_t));
static_assert(std::is_trivially_copyable_v<FlowKey>);

// By vector stores; what compilers make of memset for so few bytes takes longer than reading the packet.
inline void clear(FlowKey& key) noexcept {
  using Quarter = uint64_t __attribute__((vector_size(32), aligned(8)));
  auto* const quarters = reinterpret_cast<Quarter*>(&key);
  for (uint32_t i = 0; i < sizeof key / sizeof(Quarter); ++i) quarters[i] = Quarter{};
}

VSWITCH_INLINE uint64_t word_of(const FlowKey& key, uint32_t index) noexcept {
  uint64_t word;
  memcpy(&word, reinterpret_cast<const uint8_t*>(&key) + index * sizeof word, sizeof word);
  return word;
}

// A key as words, for masking and hashing.
struct KeyWords {
  uint64_t word[kKeyWords] = {};

  friend bool operator==(const KeyWords&, const KeyWords&) = default;
  friend auto operator<=>(const KeyWords&, const KeyWords&) = default;
};

}  // namespace vswitch
