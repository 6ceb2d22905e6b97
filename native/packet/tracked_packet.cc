#include "packet/tracked_packet.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "packet/bytes.h"
#include "packet/extensions.h"
#include "packet/gather.h"

namespace vswitch {
namespace {

constexpr uint8_t kFlagSyn = 2;

// What can be read: all bytes of the first segment.
struct Bytes {
  const uint8_t* data;
  uint32_t length;

  [[nodiscard]] VSWITCH_INLINE bool has(uint32_t at, uint32_t bytes) const noexcept {
    return at <= length && bytes <= length - at;
  }
};

bool read_ipv4(const Bytes& packet, uint32_t at, IpHeader& ip) noexcept {
  if (!packet.has(at, kIpv4Bytes)) return false;
  const uint8_t* const header = packet.data + at;
  const uint32_t header_bytes = (header[0] & 0x0fu) * 4u;
  if (header[0] >> 4 != 4 || header_bytes < kIpv4Bytes || !packet.has(at, header_bytes)) return false;
  const uint32_t total = load_be16(header + 2);
  if (total < header_bytes) return false;
  const uint16_t fragment = load_be16(header + 6) & 0x3fff;
  ip.payload = at + header_bytes;
  ip.end = at + total;
  ip.proto = header[9];
  ip.later_fragment = (fragment & 0x1fff) != 0;
  ip.first_fragment = fragment == 0x2000;
  ip.fragment_id = load_be16(header + 4);
  return true;
}

bool read_ipv6(const Bytes& packet, uint32_t at, IpHeader& ip) noexcept {
  if (!packet.has(at, kIpv6Bytes) || packet.data[at] >> 4 != 6) return false;
  const uint32_t claim = load_be16(packet.data + at + 4);
  uint8_t next = packet.data[at + 6];
  const bool jumbo = claim == 0 && next == kProtoHopByHop;
  uint32_t place = at + kIpv6Bytes;
  ip.end = jumbo ? packet.length : place + claim;
  for (int headers = 0; is_extension(next) && !ip.later_fragment; ++headers) {
    if (headers == kMaxExtensionHeaders || !packet.has(place, 8)) return false;
    const uint8_t* const extension = packet.data + place;
    if (next == kProtoFragment) {
      const uint16_t fragment = load_be16(extension + 2);
      ip.later_fragment = (fragment & 0xfff8) != 0;
      ip.first_fragment = (fragment & 0xfff9) == 1;
      ip.fragment_id = rte_be_to_cpu_32(load<uint32_t>(extension + 4));
    }
    place += extension_bytes(next, extension);
    next = extension[0];
  }
  ip.payload = place;
  ip.proto = next;
  return place <= ip.end;
}

void read_addresses(const uint8_t* packet, const IpHeader& ip, CtTuple& tuple) noexcept {
  memset(&tuple, 0, sizeof tuple);
  if (ip.family == 4) {
    memcpy(tuple.src, packet + ip.at + 12, 4);
    memcpy(tuple.dst, packet + ip.at + 16, 4);
  } else {
    memcpy(tuple.src, packet + ip.at + 8, 16);
    memcpy(tuple.dst, packet + ip.at + 24, 16);
  }
  tuple.proto = ip.proto;
  tuple.family = ip.family;
}

bool is_icmp(const IpHeader& ip) noexcept { return ip.proto == (ip.family == 4 ? kProtoIcmp : kProtoIcmpv6); }

CtKind kind_of_icmp(uint8_t family, uint8_t type) noexcept {
  if (is_icmp_error(family, type)) return CtKind::kIcmpError;
  if (family == 6) return type == 128 ? CtKind::kIcmpRequest : type == 129 ? CtKind::kIcmpReply : CtKind::kUntracked;
  switch (type) {
    case 8:   // echo
    case 13:  // timestamp
    case 15:  // information
      return CtKind::kIcmpRequest;
    case 0:
    case 14:
    case 16:
      return CtKind::kIcmpReply;
    default:
      return CtKind::kUntracked;
  }
}

// RFC 7323, section 2.2: the shift that a SYN offers.
uint8_t window_scale(const uint8_t* options, const uint8_t* end) noexcept {
  while (options < end && *options != 0) {
    if (*options == 1) {
      ++options;
      continue;
    }
    if (end - options < 2 || options[1] < 2 || options[1] > end - options) break;
    if (options[0] == 3 && options[1] == 3) return std::min<uint8_t>(options[2], 14);
    options += options[1];
  }
  return kCtNoScale;
}

CtKind read_tcp(const Bytes& packet, const IpHeader& ip, CtPacket& out) noexcept {
  if (!packet.has(ip.payload, kTcpBytes)) return CtKind::kInvalid;
  const uint8_t* const tcp = packet.data + ip.payload;
  const uint32_t header_bytes = (tcp[12] >> 4) * 4u;
  if (header_bytes < kTcpBytes || ip.payload + header_bytes > ip.end) return CtKind::kInvalid;
  memcpy(&out.tuple.src_port, tcp, 2);
  memcpy(&out.tuple.dst_port, tcp + 2, 2);
  out.seq = rte_be_to_cpu_32(load<uint32_t>(tcp + 4));
  out.ack = rte_be_to_cpu_32(load<uint32_t>(tcp + 8));
  out.tcp_flags = tcp[13] & 0x3f;
  out.window = load_be16(tcp + 14);
  out.payload = ip.end - ip.payload - header_bytes;
  if ((out.tcp_flags & kFlagSyn) != 0) {
    if (!packet.has(ip.payload, header_bytes)) return CtKind::kInvalid;
    out.window_scale = window_scale(tcp + kTcpBytes, tcp + header_bytes);
  }
  return CtKind::kPacket;
}

// Of what an error quotes: RFC 792 promises 8 bytes behind the IP header.
bool read_quoted_ports(const Bytes& packet, const IpHeader& ip, CtTuple& tuple) noexcept {
  if (ip.later_fragment) return true;
  const bool has_ports = ip.proto == kProtoTcp || ip.proto == kProtoUdp || ip.proto == kProtoSctp;
  if (!has_ports && !is_icmp(ip)) return true;
  if (!packet.has(ip.payload, 8)) return false;
  const uint8_t* const transport = packet.data + ip.payload;
  if (has_ports) {
    memcpy(&tuple.src_port, transport, 2);
    memcpy(&tuple.dst_port, transport + 2, 2);
    return true;
  }
  const CtKind kind = kind_of_icmp(ip.family, transport[0]);
  if (kind != CtKind::kIcmpRequest && kind != CtKind::kIcmpReply) return false;
  memcpy(&tuple.src_port, transport + kIcmpIdentifier, 2);
  tuple.dst_port = tuple.src_port;
  return true;
}

CtKind read_error(const Bytes& packet, const IpHeader& outer, CtPacket& out) noexcept {
  IpHeader inner;
  if (!read_ip_header(packet.data, packet.length, outer.payload + kIcmpErrorBytes, outer.family, inner)) return CtKind::kInvalid;
  CtTuple quoted;
  read_addresses(packet.data, inner, quoted);
  if (!read_quoted_ports(packet, inner, quoted)) return CtKind::kInvalid;
  // An error goes to who sent what it quotes: else who knows one connection could say errors to everybody.
  if (memcmp(out.tuple.dst, quoted.src, sizeof quoted.src) != 0) return CtKind::kInvalid;
  out.tuple = quoted;
  memcpy(out.tuple.src, quoted.dst, sizeof quoted.dst);
  memcpy(out.tuple.dst, quoted.src, sizeof quoted.src);
  out.tuple.src_port = quoted.dst_port;
  out.tuple.dst_port = quoted.src_port;
  return CtKind::kIcmpError;
}

CtKind read_icmp(const Bytes& packet, const IpHeader& ip, CtPacket& out) noexcept {
  if (!packet.has(ip.payload, kIcmpErrorBytes)) {
    const bool known = packet.has(ip.payload, kIcmpBytes);
    return known && kind_of_icmp(ip.family, packet.data[ip.payload]) == CtKind::kUntracked ? CtKind::kUntracked
                                                                                           : CtKind::kInvalid;
  }
  const uint8_t* const icmp = packet.data + ip.payload;
  const CtKind kind = kind_of_icmp(ip.family, icmp[0]);
  if (kind == CtKind::kIcmpError) return read_error(packet, ip, out);
  if (kind == CtKind::kUntracked) return kind;
  memcpy(&out.tuple.src_port, icmp + kIcmpIdentifier, 2);
  out.tuple.dst_port = out.tuple.src_port;
  return kind;
}

CtKind read_packet(const Bytes& packet, const Layers& layers, CtPacket& out) noexcept {
  IpHeader ip;
  const uint8_t family = layers.ipv4 != 0 ? 4 : 6;
  if (!read_ip_header(packet.data, packet.length, layers.ipv4 != 0 ? layers.ipv4 : layers.ipv6, family, ip)) {
    out = {};
    return CtKind::kInvalid;
  }
  read_addresses(packet.data, ip, out.tuple);
  out.tcp_flags = 0;
  out.window_scale = kCtNoScale;
  out.first_fragment = ip.first_fragment;
  out.later_fragment = ip.later_fragment;
  out.window = 0;
  out.seq = out.ack = out.payload = 0;
  out.fragment_id = ip.fragment_id;
  if (ip.later_fragment) return CtKind::kPacket;
  // What lies behind the end that IP claims is padding.
  const Bytes within{packet.data, std::min(packet.length, ip.end)};
  if (ip.proto == kProtoTcp) return read_tcp(within, ip, out);
  if (is_icmp(ip)) return read_icmp(within, ip, out);
  if (ip.proto != kProtoUdp && ip.proto != kProtoSctp) return CtKind::kPacket;
  if (!within.has(ip.payload, ip.proto == kProtoUdp ? kUdpBytes : kSctpBytes)) return CtKind::kInvalid;
  memcpy(&out.tuple.src_port, packet.data + ip.payload, 2);
  memcpy(&out.tuple.dst_port, packet.data + ip.payload + 2, 2);
  return CtKind::kPacket;
}

// Nearly all packets: IPv4 without options, no fragment, UDP or TCP. false: read_packet() has to read it.
VSWITCH_INLINE bool read_plain(const Bytes& packet, uint32_t at, CtPacket& out) noexcept {
  constexpr uint32_t kLeast = kIpv4Bytes + kUdpBytes;
  if (at == 0 || !packet.has(at, kLeast)) return false;
  const uint8_t* const header = packet.data + at;
  const uint32_t total = load_be16(header + 2);
  const uint8_t proto = header[9];
  const bool is_whole = header[0] == 0x45 && (load_be16(header + 6) & 0x3fff) == 0 && total >= kLeast;
  if (!is_whole || (proto != kProtoUdp && proto != kProtoTcp)) return false;
  out = {};
  memcpy(out.tuple.src, header + 12, 4);
  memcpy(out.tuple.dst, header + 16, 4);
  memcpy(&out.tuple.src_port, header + kIpv4Bytes, 2);
  memcpy(&out.tuple.dst_port, header + kIpv4Bytes + 2, 2);
  out.tuple.proto = proto;
  out.tuple.family = 4;
  out.window_scale = kCtNoScale;
  out.fragment_id = load_be16(header + 4);
  out.kind = CtKind::kPacket;
  if (proto == kProtoUdp) return true;
  IpHeader ip{};
  ip.payload = at + kIpv4Bytes;
  ip.end = at + total;
  out.kind = read_tcp({packet.data, std::min(packet.length, ip.end)}, ip, out);
  return true;
}

Bytes first_segment(const rte_mbuf* packet) noexcept {
  return {rte_pktmbuf_mtod(packet, const uint8_t*), rte_pktmbuf_data_len(packet)};
}

// What an error quotes is read and changed behind the headers that the parser needs: as much of it as can be is made one segment.
VSWITCH_COLD CtKind read_gathered(rte_mbuf* packet, const Layers& layers, CtPacket& out) noexcept {
  gather(packet);
  return read_packet(first_segment(packet), layers, out);
}

}  // namespace

bool is_icmp_error(uint8_t family, uint8_t type) noexcept {
  if (family == 6) return type >= 1 && type <= 4;
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

bool read_ip_header(const uint8_t* packet, uint32_t length, uint32_t at, uint8_t family, IpHeader& ip) noexcept {
  ip = {};
  ip.at = at;
  ip.family = family;
  return family == 4 ? read_ipv4({packet, length}, at, ip) : read_ipv6({packet, length}, at, ip);
}

VSWITCH_HOT void read_tracked(rte_mbuf* packet, const Layers& layers, CtPacket& out) noexcept {
  if (layers.ipv4 == 0 && layers.ipv6 == 0) {
    out = {};
    out.kind = CtKind::kInvalid;
    return;
  }
  const Bytes bytes = first_segment(packet);
  if (read_plain(bytes, layers.ipv4, out) && out.kind != CtKind::kInvalid) return;
  out.kind = read_packet(bytes, layers, out);
  if (__builtin_expect(packet->next == nullptr, 1)) return;
  if (out.kind == CtKind::kInvalid || out.kind == CtKind::kIcmpError) out.kind = read_gathered(packet, layers, out);
}

}  // namespace vswitch
