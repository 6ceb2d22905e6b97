// The packet that most are, read in one go: IPv4 without VLAN tags, options or fragments, its headers in the first segment.
#pragma once

#include <immintrin.h>
#include <rte_mbuf.h>

#include "packet/burst.h"
#include "packet/bytes.h"
#include "packet/parse_plan.h"

namespace vswitch {

// What a plan asks of such packets; with kTransport their TCP or UDP header, too.
template <bool kTransport>
class PlainIpv4 {
 public:
  PlainIpv4(const ParsePlan& plan, uint16_t in_port) noexcept
      : addresses_(plan.reads(kEthernetAddresses)
                       ? _mm_setr_epi8(0, 1, 2, 3, 4, 5, kZero, kZero, 6, 7, 8, 9, 10, 11, kZero, kZero)
                       : _mm_set1_epi8(kZero)),
        first_(_mm_cvtsi64_si128(int64_t{RTE_BE16(kTypeIpv4)} << 16 | in_port)) {}

  // Whether it was such a packet, and well-formed; else nothing is said about it.
  VSWITCH_INLINE bool operator()(const rte_mbuf* mbuf, FlowKey& key, Layers& layers) const noexcept {
    if (rte_pktmbuf_data_len(mbuf) < kPayload + kTcpBytes) return false;
    const auto* const packet = rte_pktmbuf_mtod(mbuf, const uint8_t*);
    const auto* const ip = packet + kEthernetBytes;
    // The Ethernet type, then version and header length.
    if ((load<uint32_t>(packet + kEthernetBytes - 2) & 0xffffff) != (0x450000 | RTE_BE16(kTypeIpv4))) return false;
    if ((load<uint16_t>(ip + 6) & RTE_BE16(0x3fff)) != 0) return false;
    const uint32_t total_bytes = load_be16(ip + 2);
    const uint8_t proto = ip[9];
    uint64_t others = proto | uint64_t{ip[1]} << 8 | uint64_t{ip[8]} << 48;
    if constexpr (kTransport) {
      if (proto == kProtoUdp) {
        if (total_bytes < kIpv4Bytes + kUdpBytes) return false;
      } else {
        const uint8_t* const tcp = packet + kPayload;
        if (proto != kProtoTcp || total_bytes < kIpv4Bytes + kTcpBytes || tcp[12] < 0x50) return false;
        others |= uint64_t{load<uint16_t>(tcp + 12)} << 32 & uint64_t{RTE_BE16(0x0fff)} << 32;
      }
      others |= uint64_t{kHasTransport} << 56;
    } else {
      if (total_bytes < kIpv4Bytes) return false;
    }
    layers = kLayers;
    if (kTransport) layers.proto = proto;
    // Addresses and ports, as they follow one another in the packet, go to their places in words 0 and 1, both Ethernet addresses
    // to words 3 and 4.
    const __m128i moved = _mm_shuffle_epi8(load_vector(ip + 12), kTransport ? kWithPorts : kWithoutPorts);
    clear(key);
    auto* const words = reinterpret_cast<uint64_t*>(&key);
    store_vector(words, _mm_or_si128(moved, first_));
    words[2] = others;
    store_vector(words + 3, _mm_shuffle_epi8(load_vector(packet), addresses_));
    return true;
  }

 private:
  static constexpr uint32_t kPayload = kEthernetBytes + kIpv4Bytes;
  static constexpr Layers kLayers{kEthernetBytes, 0, 0, kTransport ? kPayload : 0, 0, 0, 0};
  static constexpr char kZero = -1;  // of a shuffle: a byte that becomes 0
  inline static const __m128i kWithPorts = _mm_setr_epi8(kZero, kZero, kZero, kZero, 4, 5, 6, 7, 0, 1, 2, 3, 8, 9, 10, 11);
  inline static const __m128i kWithoutPorts =
      _mm_setr_epi8(kZero, kZero, kZero, kZero, 4, 5, 6, 7, 0, 1, 2, 3, kZero, kZero, kZero, kZero);

  static __m128i load_vector(const uint8_t* at) noexcept { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
  static void store_vector(uint64_t* at, __m128i words) noexcept { _mm_storeu_si128(reinterpret_cast<__m128i*>(at), words); }

  const __m128i addresses_;  // where their bytes go; nowhere where the plan does not read them
  const __m128i first_;      // word 0 but for the destination
};

}  // namespace vswitch
