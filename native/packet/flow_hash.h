// Hashes of a packet's flow, for choices that shall be the same for all packets of it. CRC-32C spreads well and costs one
// instruction for eight bytes; nobody's memory is reached by it, so that collisions made on purpose only put flows into one
// bucket.
#pragma once

#include <immintrin.h>
#include <rte_byteorder.h>

#include <cstring>
#include <initializer_list>

#include "base/hot.h"
#include "packet/flow_key.h"
#include "packet/headers.h"

namespace vswitch {

namespace flow_hash_detail {

VSWITCH_INLINE uint64_t word(const void* at) noexcept {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

// Of a word that begins with an Ethernet address.
inline constexpr uint64_t kAddress = 0xffffffffffff;

// The last step of MurmurHash3's 32 bits (Appleby, public domain): CRC's bits are linear, these are not.
VSWITCH_INLINE uint32_t finish(uint32_t hash) noexcept {
  hash ^= hash >> 16;
  hash *= 0x85ebca6b;
  hash ^= hash >> 13;
  hash *= 0xc2b2ae35;
  return hash ^ hash >> 16;
}

}  // namespace flow_hash_detail

// Of Ethernet addresses, Ethernet type and VLAN where the packet is not IP; else of addresses, protocol and ports. Later
// fragments have no ports; a flow's fragments need one bucket, so the ports of a first fragment do not count either. Nor do type
// and code of ICMP, which are not those of the answer.
VSWITCH_INLINE uint32_t flow_hash(const FlowKey& key) noexcept {
  using namespace flow_hash_detail;
  if (__builtin_expect(key.ip_proto == 0, 0)) {
    const uint64_t hash = _mm_crc32_u64(key.eth_type, (word(key.eth_dst) & kAddress) | uint64_t{key.vlan_tci} << 48);
    return finish(static_cast<uint32_t>(_mm_crc32_u64(hash, word(key.eth_src) & kAddress)));
  }
  const bool no_ports = (key.layer_flags & kFragment) != 0 || key.ip_proto == kProtoIcmp || key.ip_proto == kProtoIcmpv6;
  const uint64_t ports = no_ports ? 0 : uint64_t{key.tp_src} << 16 | key.tp_dst;
  uint64_t hash = _mm_crc32_u64(0, uint64_t{key.nw_src} << 32 | key.nw_dst);
  hash = _mm_crc32_u64(hash, ports << 32 | uint64_t{key.eth_type} << 16 | key.ip_proto);
  if (key.eth_type == RTE_BE16(kTypeIpv6)) {
    for (const uint8_t* at : {key.ipv6_src, key.ipv6_src + 8, key.ipv6_dst, key.ipv6_dst + 8})
      hash = _mm_crc32_u64(hash, word(at));
  }
  return finish(static_cast<uint32_t>(hash));
}

// The same for both directions of a flow.
VSWITCH_INLINE uint32_t symmetric_hash(const FlowKey& key) noexcept {
  FlowKey turned = key;
  turned.nw_src = key.nw_dst;
  turned.nw_dst = key.nw_src;
  turned.tp_src = key.tp_dst;
  turned.tp_dst = key.tp_src;
  memcpy(turned.eth_src, key.eth_dst, 6);
  memcpy(turned.eth_dst, key.eth_src, 6);
  memcpy(turned.ipv6_src, key.ipv6_dst, 16);
  memcpy(turned.ipv6_dst, key.ipv6_src, 16);
  return flow_hash_detail::finish(flow_hash(key) + flow_hash(turned));
}

}  // namespace vswitch
