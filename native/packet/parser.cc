#include "packet/parser.h"

#include <rte_byteorder.h>
#include <rte_prefetch.h>

#include <cstring>

namespace vswitch {
namespace {

// Bounds the walk over IPv6 extension headers; RFC 8200 section 4.1 lists fewer kinds than this.
constexpr int kMaxExtensionHeaders = 8;

template <typename T>
VSWITCH_INLINE T load(const uint8_t* at) noexcept {
  T value;
  memcpy(&value, at, sizeof value);
  return value;
}

VSWITCH_INLINE uint16_t load_be16(const uint8_t* at) noexcept { return rte_be_to_cpu_16(load<uint16_t>(at)); }

struct Cursor {
  const uint8_t* data;
  uint32_t length;  // of the first segment

  [[nodiscard]] VSWITCH_INLINE bool has(uint32_t offset, uint32_t bytes) const noexcept {
    return offset <= length && bytes <= length - offset;
  }
};

ParseVerdict parse_arp(const Cursor& packet, uint32_t offset, FlowKey& key, Layers& layers) noexcept {
  if (!packet.has(offset, kArpBytes)) return ParseVerdict::kMalformed;
  const uint8_t* arp = packet.data + offset;
  // Hardware type Ethernet, protocol type IPv4, lengths 6 and 4; other kinds have no OXM fields.
  if (load<uint64_t>(arp) << 16 != RTE_STATIC_BSWAP64(0x0001080006040000ull) << 16) return ParseVerdict::kOk;
  key.arp_op = load<uint16_t>(arp + 6);
  memcpy(key.ipv6_src, arp + 8, 6);
  key.nw_src = load<uint32_t>(arp + 14);
  memcpy(key.ipv6_src + 8, arp + 18, 6);
  key.nw_dst = load<uint32_t>(arp + 24);
  layers.arp = static_cast<uint16_t>(offset);
  return ParseVerdict::kOk;
}

ParseVerdict parse_transport(const Cursor& packet, uint32_t offset, uint8_t proto, FlowKey& key, Layers& layers) noexcept {
  switch (proto) {
    case kProtoTcp:
    case kProtoUdp: {
      if (!packet.has(offset, proto == kProtoTcp ? 20 : 8)) return ParseVerdict::kMalformed;
      key.tp_src = load<uint16_t>(packet.data + offset);
      key.tp_dst = load<uint16_t>(packet.data + offset + 2);
      break;
    }
    case kProtoIcmp:
    case kProtoIcmpv6: {
      if (!packet.has(offset, 4)) return ParseVerdict::kMalformed;
      memcpy(&key.tp_src, packet.data + offset, 1);
      memcpy(&key.tp_dst, packet.data + offset + 1, 1);
      break;
    }
    default:
      return ParseVerdict::kOk;
  }
  layers.transport = static_cast<uint16_t>(offset);
  return ParseVerdict::kOk;
}

// RFC 791.
VSWITCH_INLINE ParseVerdict parse_ipv4(const Cursor& packet, uint32_t offset, bool transport, FlowKey& key,
                                       Layers& layers) noexcept {
  if (!packet.has(offset, kIpv4Bytes)) return ParseVerdict::kMalformed;
  const uint8_t* ip = packet.data + offset;
  const uint32_t total_bytes = load_be16(ip + 2);
  uint32_t header_bytes = kIpv4Bytes;
  if (__builtin_expect(ip[0] != 0x45, 0)) {  // not version 4 without options
    header_bytes = (ip[0] & 0x0fu) * 4u;
    if (ip[0] >> 4 != 4 || header_bytes < kIpv4Bytes || !packet.has(offset, header_bytes)) return ParseVerdict::kMalformed;
  }
  if (total_bytes < header_bytes) return ParseVerdict::kMalformed;
  key.ip_tos = ip[1];
  key.ip_proto = ip[9];
  key.nw_src = load<uint32_t>(ip + 12);
  key.nw_dst = load<uint32_t>(ip + 16);
  layers.ipv4 = static_cast<uint16_t>(offset);
  // A later fragment has no transport header, whatever its first bytes look like.
  const bool later_fragment = (load_be16(ip + 6) & 0x1fff) != 0;
  if (!transport || later_fragment) return ParseVerdict::kOk;
  // The transport header must lie within what IP says is there too.
  const Cursor within{packet.data, packet.length < offset + total_bytes ? packet.length : offset + total_bytes};
  return parse_transport(within, offset + header_bytes, ip[9], key, layers);
}

// RFC 8200.
ParseVerdict parse_ipv6(const Cursor& packet, uint32_t offset, bool transport, FlowKey& key, Layers& layers) noexcept {
  if (!packet.has(offset, kIpv6Bytes)) return ParseVerdict::kMalformed;
  const uint8_t* ip = packet.data + offset;
  if (ip[0] >> 4 != 6) return ParseVerdict::kMalformed;
  key.ip_tos = static_cast<uint8_t>(ip[0] << 4 | ip[1] >> 4);
  memcpy(key.ipv6_src, ip + 8, 16);
  memcpy(key.ipv6_dst, ip + 24, 16);
  layers.ipv6 = static_cast<uint16_t>(offset);
  const uint32_t end = offset + kIpv6Bytes + load_be16(ip + 4);
  const Cursor within{packet.data, packet.length < end ? packet.length : end};
  uint8_t next = ip[6];
  uint32_t at = offset + kIpv6Bytes;
  bool later_fragment = false;
  for (int headers = 0;; ++headers) {
    if (next != kProtoHopByHop && next != kProtoRouting && next != kProtoDestination && next != kProtoFragment) break;
    if (headers == kMaxExtensionHeaders || !within.has(at, 8)) return ParseVerdict::kMalformed;
    const uint8_t* extension = within.data + at;
    const bool fragment = next == kProtoFragment;
    next = extension[0];
    at += fragment ? 8 : (extension[1] + 1u) * 8u;
    if (fragment && (load_be16(extension + 2) & 0xfff8) != 0) {
      later_fragment = true;
      break;
    }
  }
  key.ip_proto = next;
  if (!transport || later_fragment) return ParseVerdict::kOk;
  return parse_transport(within, at, next, key, layers);
}

VSWITCH_INLINE ParseVerdict parse(const ParsePlan& plan, uint16_t in_port, const rte_mbuf* mbuf, FlowKey& key,
                                  Layers& layers) noexcept {
  memset(&key, 0, sizeof key);
  key.in_port = in_port;
  layers = Layers{};
  const Cursor packet{rte_pktmbuf_mtod(mbuf, const uint8_t*), rte_pktmbuf_data_len(mbuf)};
  if (packet.length < kEthernetBytes) return ParseVerdict::kRunt;
  if (plan.reads(kEthernetAddresses)) {
    memcpy(key.eth_dst, packet.data, 6);
    memcpy(key.eth_src, packet.data + 6, 6);
  }
  if (!plan.reads(kEtherType)) return ParseVerdict::kOk;

  uint32_t offset = kEthernetBytes;
  uint16_t type = load<uint16_t>(packet.data + 12);
  if (type == RTE_BE16(kTypeVlan) || type == RTE_BE16(kTypeQinq)) {
    if (!packet.has(offset, kVlanBytes)) return ParseVerdict::kMalformed;
    key.vlan_tci = load<uint16_t>(packet.data + offset) | RTE_BE16(kVlanPresent);
    type = load<uint16_t>(packet.data + offset + 2);
    offset += kVlanBytes;
  }
  key.eth_type = type;
  const bool transport = plan.reads(kTransport);
  if (type == RTE_BE16(kTypeIpv4))
    return plan.reads(kIpv4) ? parse_ipv4(packet, offset, transport, key, layers) : ParseVerdict::kOk;
  if (type == RTE_BE16(kTypeIpv6))
    return plan.reads(kIpv6) ? parse_ipv6(packet, offset, transport, key, layers) : ParseVerdict::kOk;
  if (type == RTE_BE16(kTypeArp)) return plan.reads(kArp) ? parse_arp(packet, offset, key, layers) : ParseVerdict::kOk;
  return ParseVerdict::kOk;
}

}  // namespace

VSWITCH_HOT uint32_t parse_burst(const ParsePlan& plan, Burst& burst, ParseVerdict verdict[kBurst]) noexcept {
  constexpr uint32_t kAhead = 4;
  const uint16_t in_port = rte_cpu_to_be_16(burst.in_port);
  const uint32_t count = burst.count;
  for (uint32_t i = 0; i < count && i < kAhead; ++i) rte_prefetch0(rte_pktmbuf_mtod(burst.packet[i], void*));
  uint32_t bad = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (i + kAhead < count) rte_prefetch0(rte_pktmbuf_mtod(burst.packet[i + kAhead], void*));
    const rte_mbuf* const packet = burst.packet[i];
    verdict[i] = parse(plan, in_port, packet, burst.key[i], burst.layers[i]);
    burst.bytes[i] = rte_pktmbuf_pkt_len(packet);
    bad += verdict[i] != ParseVerdict::kOk;
  }
  return bad;
}

}  // namespace vswitch
