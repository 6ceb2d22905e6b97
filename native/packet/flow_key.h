// What the parser finds in a packet and tables match on: every field in network byte order, in words that keep fields which are
// often matched together in one. Fields that never occur in the same packet share a place; OpenFlow's prerequisites keep them
// apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace vswitch {

struct FlowKey {
  // word 0
  uint16_t in_port;
  uint16_t eth_type;
  uint32_t nw_dst;  // ipv4_dst or arp_tpa
  // word 1
  uint32_t nw_src;  // ipv4_src or arp_spa
  uint16_t tp_src;  // tcp_src, udp_src; icmp type in the first byte
  uint16_t tp_dst;  // tcp_dst, udp_dst; icmp code in the first byte
  // word 2
  uint8_t ip_proto;
  uint8_t ip_tos;     // ip_dscp and ip_ecn
  uint16_t vlan_tci;  // pcp, then OpenFlow's OFPVID_PRESENT in the place of DEI, then vid; 0 where untagged
  uint16_t arp_op;
  uint16_t zero2;
  // words 3 and 4
  uint8_t eth_dst[6];
  uint16_t zero3;
  uint8_t eth_src[6];
  uint16_t zero4;
  // words 5 to 8
  uint8_t ipv6_src[16];  // or arp_sha in word 5, arp_tha in word 6
  uint8_t ipv6_dst[16];
};

inline constexpr uint32_t kKeyWords = 9;
inline constexpr uint16_t kVlanPresent = 0x1000;

static_assert(sizeof(FlowKey) == kKeyWords * sizeof(uint64_t));
static_assert(alignof(FlowKey) <= alignof(uint64_t));
static_assert(std::is_trivially_copyable_v<FlowKey>);

// A key as words, for masking and hashing.
struct KeyWords {
  uint64_t word[kKeyWords] = {};

  friend bool operator==(const KeyWords&, const KeyWords&) = default;
};

}  // namespace vswitch
