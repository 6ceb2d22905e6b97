#include "packet/parser.h"

#include <rte_prefetch.h>

#include <algorithm>
#include <cstring>

#include "packet/bytes.h"
#include "packet/extensions.h"
#include "packet/gather.h"
#include "packet/plain_ipv4.h"

namespace vswitch {
namespace {

constexpr bool is_vlan(uint16_t type) { return type == RTE_BE16(kTypeVlan) || type == RTE_BE16(kTypeQinq); }

struct Cursor {
  const uint8_t* data;
  uint32_t length;  // of what may be read: of the first segment
  uint32_t whole;   // with the other segments

  [[nodiscard]] VSWITCH_INLINE bool has(uint32_t offset, uint32_t bytes) const noexcept {
    return offset <= length && bytes <= length - offset;
  }
  // What it means that the packet does not have this.
  [[nodiscard]] ParseVerdict cut(uint32_t offset, uint32_t bytes) const noexcept {
    return offset + bytes <= whole ? ParseVerdict::kSplit : ParseVerdict::kMalformed;
  }
  // The same, up to where IP says that the packet ends.
  [[nodiscard]] VSWITCH_INLINE Cursor until(uint32_t end) const noexcept {
    return {data, std::min(length, end), std::min(whole, end)};
  }
};

ParseVerdict parse_arp(const Cursor& packet, uint32_t offset, FlowKey& key, Layers& layers) noexcept {
  if (!packet.has(offset, kArpBytes)) return packet.cut(offset, kArpBytes);
  const uint8_t* arp = packet.data + offset;
  // Hardware type Ethernet, protocol type IPv4, lengths 6 and 4; other kinds have no OXM fields.
  if (load<uint64_t>(arp) << 16 != RTE_STATIC_BSWAP64(0x0001080006040000ull) << 16) return ParseVerdict::kOk;
  key.tcp_flags = load<uint16_t>(arp + 6);
  memcpy(key.ipv6_src, arp + 8, 6);
  key.nw_src = load<uint32_t>(arp + 14);
  memcpy(key.ipv6_src + 8, arp + 18, 6);
  key.nw_dst = load<uint32_t>(arp + 24);
  key.layer_flags |= kHasArp;
  layers.arp = static_cast<uint16_t>(offset);
  return ParseVerdict::kOk;
}

// RFC 4861, sections 4.3 and 4.4. Options that are cut short or empty end the walk: what comes before them counts.
VSWITCH_COLD ParseVerdict parse_neighbour(const Cursor& packet, uint32_t offset, FlowKey& key, Layers& layers) noexcept {
  constexpr uint32_t kMaxOptions = 16;
  if (!packet.has(offset, kNeighbourBytes)) return packet.cut(offset, kNeighbourBytes);
  const uint8_t* message = packet.data + offset;
  memcpy(key.nd_target, message + 8, 16);
  key.layer_flags |= kHasNd;
  const uint8_t wanted = message[0] == kIcmpv6Solicitation ? kOptionSource : kOptionTarget;
  uint32_t at = offset + kNeighbourBytes;
  for (uint32_t i = 0; i < kMaxOptions && at + 8 <= packet.whole; ++i) {
    if (!packet.has(at, 8)) return ParseVerdict::kSplit;
    const uint8_t* option = packet.data + at;
    const uint32_t bytes = option[1] * 8u;
    if (bytes == 0) break;
    if (option[0] == wanted && bytes == 8) {
      memcpy(key.nd_lladdr, option + 2, 6);
      key.layer_flags |= kHasNdOption;
      layers.nd_option = static_cast<uint16_t>(at);
      break;
    }
    at += bytes;
  }
  return ParseVerdict::kOk;
}

VSWITCH_INLINE ParseVerdict parse_transport(const ParsePlan& plan, const Cursor& packet, uint32_t offset, uint8_t proto,
                                            bool ipv6, FlowKey& key, Layers& layers) noexcept {
  const uint8_t* const header = packet.data + offset;
  if (__builtin_expect(proto == kProtoTcp, 1)) {
    if (!packet.has(offset, kTcpBytes)) return packet.cut(offset, kTcpBytes);
    if (header[12] < 0x50) return ParseVerdict::kMalformed;  // its length, less than 20 bytes
    key.tp_src = load<uint16_t>(header);
    key.tp_dst = load<uint16_t>(header + 2);
    key.tcp_flags = load<uint16_t>(header + 12) & RTE_BE16(0x0fff);
  } else if (proto == kProtoUdp || proto == kProtoSctp) {
    const uint32_t bytes = proto == kProtoUdp ? kUdpBytes : kSctpBytes;
    if (!packet.has(offset, bytes)) return packet.cut(offset, bytes);
    key.tp_src = load<uint16_t>(header);
    key.tp_dst = load<uint16_t>(header + 2);
  } else if (proto == (ipv6 ? kProtoIcmpv6 : kProtoIcmp)) {
    if (!packet.has(offset, kIcmpBytes)) return packet.cut(offset, kIcmpBytes);
    memcpy(&key.tp_src, header, 1);
    memcpy(&key.tp_dst, header + 1, 1);
  } else {
    return ParseVerdict::kOk;
  }
  key.layer_flags |= kHasTransport;
  layers.transport = static_cast<uint16_t>(offset);
  layers.proto = proto;
  if (__builtin_expect(proto != kProtoIcmpv6 || !plan.reads(kNeighbour), 1)) return ParseVerdict::kOk;
  const bool neighbour = (header[0] == kIcmpv6Solicitation || header[0] == kIcmpv6Advertisement) && header[1] == 0;
  return neighbour && (key.layer_flags & kFragment) == 0 ? parse_neighbour(packet, offset, key, layers) : ParseVerdict::kOk;
}

// RFC 791.
VSWITCH_INLINE ParseVerdict parse_ipv4(const ParsePlan& plan, const Cursor& packet, uint32_t offset, FlowKey& key,
                                       Layers& layers) noexcept {
  if (!packet.has(offset, kIpv4Bytes)) return packet.cut(offset, kIpv4Bytes);
  const uint8_t* ip = packet.data + offset;
  const uint32_t total_bytes = load_be16(ip + 2);
  uint32_t header_bytes = kIpv4Bytes;
  if (__builtin_expect(ip[0] != 0x45, 0)) {  // not version 4 without options
    header_bytes = (ip[0] & 0x0fu) * 4u;
    if (ip[0] >> 4 != 4 || header_bytes < kIpv4Bytes) return ParseVerdict::kMalformed;
    if (!packet.has(offset, header_bytes)) return packet.cut(offset, header_bytes);
  }
  if (total_bytes < header_bytes) return ParseVerdict::kMalformed;
  key.ip_tos = ip[1];
  key.ip_ttl = ip[8];
  key.ip_proto = ip[9];
  key.nw_src = load<uint32_t>(ip + 12);
  key.nw_dst = load<uint32_t>(ip + 16);
  layers.ipv4 = static_cast<uint16_t>(offset);
  const uint16_t fragment = load_be16(ip + 6) & 0x3fff;  // more fragments, and the offset
  if (__builtin_expect(fragment != 0, 0)) {
    // A later fragment has no transport header, whatever its first bytes look like.
    key.layer_flags |= (fragment & 0x1fff) != 0 ? kFragment | kLaterFragment : kFragment;
    if ((fragment & 0x1fff) != 0) return ParseVerdict::kOk;
  }
  if (!plan.reads(kTransport)) return ParseVerdict::kOk;
  return parse_transport(plan, packet.until(offset + total_bytes), offset + header_bytes, ip[9], false, key, layers);
}

// RFC 8200. A jumbogram (RFC 2675) has payload length 0 and says its length in a hop-by-hop option: its real length bounds what
// is read.
ParseVerdict parse_ipv6(const ParsePlan& plan, const Cursor& packet, uint32_t offset, FlowKey& key, Layers& layers) noexcept {
  if (!packet.has(offset, kIpv6Bytes)) return packet.cut(offset, kIpv6Bytes);
  const uint8_t* ip = packet.data + offset;
  if (ip[0] >> 4 != 6) return ParseVerdict::kMalformed;
  key.ip_tos = static_cast<uint8_t>(ip[0] << 4 | ip[1] >> 4);
  key.ip_ttl = ip[7];
  key.ipv6_flabel = load<uint32_t>(ip) & RTE_BE32(0x000fffff);
  memcpy(key.ipv6_src, ip + 8, 16);
  memcpy(key.ipv6_dst, ip + 24, 16);
  layers.ipv6 = static_cast<uint16_t>(offset);
  const uint32_t payload_bytes = load_be16(ip + 4);
  uint8_t next = ip[6];
  const bool jumbo = payload_bytes == 0 && next == kProtoHopByHop;
  const Cursor within = jumbo ? packet : packet.until(offset + kIpv6Bytes + payload_bytes);
  uint32_t at = offset + kIpv6Bytes;
  bool later_fragment = false;
  ExtensionFlags extensions;
  for (int headers = 0; is_extension(next) && !later_fragment; ++headers) {
    if (headers == kMaxExtensionHeaders) return ParseVerdict::kMalformed;
    if (!within.has(at, 8)) return within.cut(at, 8);
    const uint8_t* extension = within.data + at;
    const uint8_t header = next;
    if (plan.reads(kExtensions)) extensions.meet(header);
    next = extension[0];
    if (header == kProtoFragment) {
      const uint16_t fragment = load_be16(extension + 2);
      if ((fragment & 0xfff9) != 0) key.layer_flags |= kFragment;  // an offset, or more fragments
      later_fragment = (fragment & 0xfff8) != 0;
    }
    at += extension_bytes(header, extension);
  }
  key.ip_proto = next;
  if (plan.reads(kExtensions)) {
    if (!later_fragment && (next == kProtoEsp || next == kProtoNoNext)) extensions.meet(next);
    key.ipv6_exthdr = rte_cpu_to_be_16(extensions.flags());
  }
  if (later_fragment) key.layer_flags |= kLaterFragment;
  if (!plan.reads(kTransport) || later_fragment) return ParseVerdict::kOk;
  return parse_transport(plan, within, at, next, true, key, layers);
}

VSWITCH_INLINE ParseVerdict parse(const ParsePlan& plan, const rte_mbuf* mbuf, uint32_t max_tags, FlowKey& key,
                                  Layers& layers) noexcept {
  layers = Layers{};
  const Cursor packet{rte_pktmbuf_mtod(mbuf, const uint8_t*), rte_pktmbuf_data_len(mbuf), rte_pktmbuf_pkt_len(mbuf)};
  if (packet.length < kEthernetBytes) return packet.whole < kEthernetBytes ? ParseVerdict::kRunt : ParseVerdict::kSplit;
  if (plan.reads(kEthernetAddresses)) {
    memcpy(key.eth_dst, packet.data, 6);
    memcpy(key.eth_src, packet.data + 6, 6);
  }
  if (!plan.reads(kEtherType)) return ParseVerdict::kOk;

  uint32_t offset = kEthernetBytes;
  uint16_t type = load<uint16_t>(packet.data + 12);
  while (__builtin_expect(is_vlan(type) && layers.tags < max_tags, 0)) {
    if (!packet.has(offset, kVlanBytes)) return packet.cut(offset, kVlanBytes);
    if (layers.tags++ == 0) {
      // The place of DEI says that there is a tag.
      key.vlan_tci = load<uint16_t>(packet.data + offset) | RTE_BE16(kVlanPresent);
    }
    type = load<uint16_t>(packet.data + offset + 2);
    offset += kVlanBytes;
  }
  key.eth_type = type;
  if (type == RTE_BE16(kTypeIpv4)) return plan.reads(kIpv4) ? parse_ipv4(plan, packet, offset, key, layers) : ParseVerdict::kOk;
  if (type == RTE_BE16(kTypeIpv6)) return plan.reads(kIpv6) ? parse_ipv6(plan, packet, offset, key, layers) : ParseVerdict::kOk;
  if (type == RTE_BE16(kTypeArp)) return plan.reads(kArp) ? parse_arp(packet, offset, key, layers) : ParseVerdict::kOk;
  return ParseVerdict::kOk;
}

// A header lies across segments: parses again where the first has room for it.
VSWITCH_COLD ParseVerdict parse_split(const ParsePlan& plan, rte_mbuf* mbuf, uint32_t max_tags, FlowKey& key,
                                      Layers& layers) noexcept {
  return gather(mbuf) ? parse(plan, mbuf, max_tags, key, layers) : ParseVerdict::kSplit;
}

// A received packet of any kind. What is not read of it is 0.
__attribute__((noinline)) ParseVerdict parse_fresh(const ParsePlan& plan, uint16_t in_port, rte_mbuf* mbuf, uint32_t max_tags,
                                                   FlowKey& key, Layers& layers) noexcept {
  clear(key);
  key.in_port = in_port;
  const ParseVerdict verdict = parse(plan, mbuf, max_tags, key, layers);
  if (__builtin_expect(verdict != ParseVerdict::kSplit, 1)) return verdict;
  clear(key);
  key.in_port = in_port;
  return parse_split(plan, mbuf, max_tags, key, layers);
}

// `plain` reads most packets; those that it does not know are read for what they are.
template <class Plain>
VSWITCH_INLINE uint32_t parse_each(const ParsePlan& plan, Burst& burst, ParseVerdict* verdict, const Plain& plain) noexcept {
  constexpr uint32_t kAhead = 4;
  const uint32_t count = burst.count;
  for (uint32_t i = 0; i < count && i < kAhead; ++i) rte_prefetch0(rte_pktmbuf_mtod(burst.packet[i], void*));
  memset(verdict, 0, kBurst);
  static_assert(static_cast<int>(ParseVerdict::kOk) == 0);
  uint32_t bad = 0;
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (i + kAhead < count) rte_prefetch0(rte_pktmbuf_mtod(burst.packet[i + kAhead], void*));
    rte_mbuf* const packet = burst.packet[i];
    burst.bytes[i] = rte_pktmbuf_pkt_len(packet);
    bytes += burst.bytes[i];
    if (__builtin_expect(plain(packet, burst.key[i], burst.layers[i]), 1)) continue;
    verdict[i] = parse_fresh(plan, rte_cpu_to_be_16(burst.in_port), packet, kMaxVlanTags, burst.key[i], burst.layers[i]);
    bad += verdict[i] != ParseVerdict::kOk;
  }
  burst.all_bytes = bytes;
  return bad;
}

// What belongs to the packet in the pipeline stays as it is.
template <class Plain>
VSWITCH_INLINE ParseVerdict parse_anew(const ParsePlan& plan, Burst& burst, uint32_t index, const Plain& plain) noexcept {
  FlowKey& key = burst.key[index];
  const uint64_t metadata = key.metadata;
  const uint64_t tunnel_id = key.tunnel_id;
  const uint32_t ct_mark = key.ct_mark;
  const uint16_t ct_zone = key.ct_zone;
  const uint8_t ct_state = key.ct_state;
  Layers& layers = burst.layers[index];
  ParseVerdict verdict = ParseVerdict::kOk;
  if (!plain(burst.packet[index], key, layers)) {
    // What was pushed on top of tags that were read does not hide what lies behind these.
    const uint32_t max_tags = layers.tags > kMaxVlanTags ? layers.tags : kMaxVlanTags;
    verdict = parse_fresh(plan, key.in_port, burst.packet[index], max_tags, key, layers);
  }
  key.metadata = metadata;
  key.tunnel_id = tunnel_id;
  key.ct_mark = ct_mark;
  key.ct_zone = ct_zone;
  key.ct_state = ct_state;
  return verdict;
}

// Calls `use` with what reads most packets of the burst at once.
template <class Use>
VSWITCH_INLINE auto with_plain(const ParsePlan& plan, const Burst& burst, Use use) noexcept {
  const uint16_t in_port = rte_cpu_to_be_16(burst.in_port);
  if (!plan.reads(kIpv4)) return use([](auto&&...) { return false; });
  if (plan.reads(kTransport)) return use(PlainIpv4<true>(plan, in_port));
  return use(PlainIpv4<false>(plan, in_port));
}

}  // namespace

VSWITCH_HOT uint32_t parse_burst(const ParsePlan& plan, Burst& burst, ParseVerdict verdict[kBurst]) noexcept {
  return with_plain(plan, burst, [&](const auto& plain) { return parse_each(plan, burst, verdict, plain); });
}

ParseVerdict parse_again(const ParsePlan& plan, Burst& burst, uint32_t index) noexcept {
  return parse_anew(plan, burst, index, [](auto&&...) { return false; });
}

VSWITCH_HOT void parse_again(const ParsePlan& plan, Burst& burst, const Selection& packets,
                             ParseVerdict verdict[kBurst]) noexcept {
  with_plain(plan, burst, [&](const auto& plain) {
    for (uint32_t i = 0; i < packets.count; ++i) {
      const uint32_t index = packets.index[i];
      verdict[index] = parse_anew(plan, burst, index, plain);
    }
  });
}

}  // namespace vswitch
