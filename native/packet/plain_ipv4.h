// The packet that most are, read in one go: IPv4 without VLAN tags, options or fragments, its headers in the first segment.
#pragma once

#include <rte_mbuf.h>

#include <bit>

#include "packet/burst.h"
#include "packet/bytes.h"
#include "packet/parse_plan.h"

namespace vswitch {

// What a plan asks of such packets; with kTransport their TCP or UDP header, too.
template <bool kTransport>
class PlainIpv4 {
 public:
  PlainIpv4(const ParsePlan& plan, uint16_t in_port) noexcept
      : addresses_(plan.reads(kEthernetAddresses) ? 0xffffffffffff : 0), first_(uint64_t{RTE_BE16(kTypeIpv4)} << 16 | in_port) {}

  // Whether it was such a packet, and well-formed; else nothing is said about it.
  VSWITCH_INLINE bool operator()(const rte_mbuf* mbuf, FlowKey& key, Layers& layers) const noexcept {
    static_assert(std::endian::native == std::endian::little, "the key's words are put together from their low ends");
    if (rte_pktmbuf_data_len(mbuf) < kPayload + kTcpBytes) return false;
    const auto* const packet = rte_pktmbuf_mtod(mbuf, const uint8_t*);
    const auto* const ip = packet + kEthernetBytes;
    // The Ethernet type, then version and header length.
    if ((load<uint32_t>(packet + kEthernetBytes - 2) & 0xffffff) != (0x450000 | RTE_BE16(kTypeIpv4))) return false;
    if ((load<uint16_t>(ip + 6) & RTE_BE16(0x3fff)) != 0) return false;
    const uint32_t total_bytes = load_be16(ip + 2);
    const uint8_t proto = ip[9];
    uint64_t ports = 0;
    uint64_t last = proto | uint64_t{ip[1]} << 8 | uint64_t{ip[8]} << 48;
    if constexpr (kTransport) {
      if (proto == kProtoUdp) {
        if (total_bytes < kIpv4Bytes + kUdpBytes) return false;
      } else {
        const uint8_t* const tcp = packet + kPayload;
        if (proto != kProtoTcp || total_bytes < kIpv4Bytes + kTcpBytes || tcp[12] < 0x50) return false;
        last |= uint64_t{load<uint16_t>(tcp + 12)} << 32 & uint64_t{RTE_BE16(0x0fff)} << 32;
      }
      ports = load<uint32_t>(packet + kPayload);
      last |= uint64_t{kHasTransport} << 56;
      layers = {};
      layers.transport = kPayload;
      layers.proto = proto;
    } else {
      if (total_bytes < kIpv4Bytes) return false;
      layers = {};
    }
    layers.ipv4 = kEthernetBytes;
    clear(key);
    auto* const words = reinterpret_cast<uint64_t*>(&key);
    words[0] = first_ | uint64_t{load<uint32_t>(ip + 16)} << 32;
    words[1] = load<uint32_t>(ip + 12) | ports << 32;
    words[2] = last;
    words[3] = load<uint64_t>(packet) & addresses_;
    words[4] = load<uint64_t>(packet + 6) & addresses_;
    return true;
  }

 private:
  static constexpr uint32_t kPayload = kEthernetBytes + kIpv4Bytes;

  const uint64_t addresses_;  // the mask of one
  const uint64_t first_;      // word 0 but for the destination
};

}  // namespace vswitch
