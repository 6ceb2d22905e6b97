#include "packet/translate.h"

#include <algorithm>
#include <cstring>

#include "packet/rewrite.h"
#include "packet/tracked_packet.h"

namespace vswitch {
namespace {

// Writes words of an even place, and says what that changes of a sum over them.
Difference put(uint8_t* at, const uint8_t* bytes, uint32_t count) noexcept {
  Difference change = 0;
  for (uint32_t i = 0; i < count; i += 2) {
    const auto after = load<uint16_t>(bytes + i);
    change += difference(load<uint16_t>(at + i), after);
    store(at + i, after);
  }
  return change;
}

Difference put_port(uint8_t* at, uint16_t port) noexcept {
  const Difference change = difference(load<uint16_t>(at), port);
  store(at, port);
  return change;
}

// Of a checksum that itself is covered by another.
Difference mend(uint8_t* at, Difference change, bool is_udp) noexcept {
  const auto before = load<uint16_t>(at);
  const uint16_t after = is_udp ? update_udp_checksum(before, change) : update_checksum(before, change);
  store(at, after);
  return difference(before, after);
}

Difference mend_icmp(uint8_t* at, Difference change) noexcept {
  const auto before = load<uint16_t>(at);
  update_icmp_checksum_at(at, change);
  return difference(before, load<uint16_t>(at));
}

// What a change of the addresses changes of sums.
struct AddressChange {
  Difference header = 0;  // of the IP header itself, with its checksum
  Difference pseudo = 0;  // of the pseudo header
};

// A null address stays.
AddressChange put_addresses(uint8_t* ip, uint8_t family, const uint8_t* src, const uint8_t* dst, bool is_final) noexcept {
  AddressChange change;
  const uint32_t bytes = family == 4 ? 4 : 16;
  uint8_t* const at = ip + (family == 4 ? 12 : 8);
  const Difference source = src != nullptr ? put(at, src, bytes) : 0;
  const Difference destination = dst != nullptr ? put(at + bytes, dst, bytes) : 0;
  change.header = source + destination;
  // Behind a routing header the checksum has the last destination (RFC 8200, section 8.1).
  change.pseudo = source + (is_final ? destination : 0);
  if (family == 4) change.header += mend(ip + kIpv4Checksum, source + destination, false);
  return change;
}

bool is_final(const uint8_t* packet, const IpHeader& ip) noexcept {
  if (ip.family == 4 || ip.payload == ip.at + kIpv6Bytes) return true;
  Layers layers;
  layers.ipv6 = static_cast<uint16_t>(ip.at);
  layers.transport = static_cast<uint16_t>(ip.payload);
  return is_final_destination(packet, layers);
}

// The ports or the identifier of what is at `transport`, of which `bytes` are there, and its checksum where that is there. What
// that changes of a sum over it.
Difference put_transport(uint8_t* transport, uint32_t bytes, const IpHeader& ip, uint16_t src_port, uint16_t dst_port,
                         Difference pseudo) noexcept {
  Difference change = 0;
  switch (ip.proto) {
    case kProtoTcp:
    case kProtoUdp: {
      change = put_port(transport, src_port) + put_port(transport + 2, dst_port);
      const uint32_t checksum = ip.proto == kProtoTcp ? kTcpChecksum : kUdpChecksum;
      if (bytes >= checksum + 2) change += mend(transport + checksum, change + pseudo, ip.proto == kProtoUdp);
      return change;
    }
    case kProtoIcmp:
    case kProtoIcmpv6:
      if (ip.proto != (ip.family == 4 ? kProtoIcmp : kProtoIcmpv6)) return 0;
      if (ip.family == 4 && load<uint16_t>(transport + kIcmpIdentifier) == src_port) return 0;
      change = put_port(transport + kIcmpIdentifier, src_port);
      return change + mend_icmp(transport + kIcmpChecksum, change + (ip.family == 4 ? 0 : pseudo));
    default:
      return 0;
  }
}

void put_sctp(uint8_t* sctp, uint16_t src_port, uint16_t dst_port, uint32_t bytes) noexcept {
  const auto before = load<uint32_t>(sctp);
  store(sctp, src_port);
  store(sctp + 2, dst_port);
  if (load<uint32_t>(sctp) != before) sctp_ports_changed(sctp, before, load<uint32_t>(sctp), bytes);
}

void translate_plain(rte_mbuf* mbuf, const IpHeader& ip, const CtPacket& tracked, const CtTuple& to) noexcept {
  auto* const packet = rte_pktmbuf_mtod(mbuf, uint8_t*);
  const AddressChange change = put_addresses(packet + ip.at, ip.family, to.src, to.dst, is_final(packet, ip));
  if (ip.later_fragment || tracked.kind == CtKind::kInvalid) return;
  const uint32_t end = std::min(ip.end, rte_pktmbuf_pkt_len(mbuf));
  if (ip.proto == kProtoSctp) return put_sctp(packet + ip.payload, to.src_port, to.dst_port, end - ip.payload);
  put_transport(packet + ip.payload, end - ip.payload, ip, to.src_port, to.dst_port, change.pseudo);
}

// The packet that an ICMP error quotes was on its way before what it met was translated: its source becomes what the error's
// destination does, and the other way round. The error comes from whom the quoted packet went to, or so it looks from there on.
void translate_error(rte_mbuf* mbuf, const IpHeader& outer, const CtPacket& tracked, const CtTuple& to) noexcept {
  auto* const packet = rte_pktmbuf_mtod(mbuf, uint8_t*);
  const uint32_t length = std::min<uint32_t>(rte_pktmbuf_data_len(mbuf), outer.end);
  IpHeader inner;
  if (!read_ip_header(packet, length, outer.payload + kIcmpErrorBytes, outer.family, inner)) return;
  const AddressChange quoted = put_addresses(packet + inner.at, inner.family, to.dst, to.src, is_final(packet, inner));
  Difference change = quoted.header;
  uint8_t* const transport = packet + inner.payload;
  if (!inner.later_fragment && inner.proto == kProtoSctp) {
    // The checksum is over what is not quoted.
    change += put_port(transport, to.dst_port) + put_port(transport + 2, to.src_port);
  } else if (!inner.later_fragment) {
    change += put_transport(transport, length - inner.payload, inner, to.dst_port, to.src_port, quoted.pseudo);
  }
  const CtTuple& from = tracked.tuple;
  const uint8_t* const src = memcmp(from.src, to.src, sizeof to.src) == 0 ? nullptr : to.src;
  const uint8_t* const dst = memcmp(from.dst, to.dst, sizeof to.dst) == 0 ? nullptr : to.dst;
  const AddressChange around = put_addresses(packet + outer.at, outer.family, src, dst, is_final(packet, outer));
  if (outer.family == 6) change += around.pseudo;
  update_checksum_at(packet + outer.payload + kIcmpChecksum, change);
}

void refresh(const uint8_t* packet, const IpHeader& ip, FlowKey& key) noexcept {
  if (ip.family == 4) {
    memcpy(&key.nw_src, packet + ip.at + 12, 4);
    memcpy(&key.nw_dst, packet + ip.at + 16, 4);
  } else {
    memcpy(key.ipv6_src, packet + ip.at + 8, 16);
    memcpy(key.ipv6_dst, packet + ip.at + 24, 16);
  }
  const bool has_ports = ip.proto == kProtoTcp || ip.proto == kProtoUdp || ip.proto == kProtoSctp;
  if (!has_ports || ip.later_fragment) return;
  memcpy(&key.tp_src, packet + ip.payload, 2);
  memcpy(&key.tp_dst, packet + ip.payload + 2, 2);
}

}  // namespace

VSWITCH_HOT bool translate(rte_mbuf* packet, const Layers& layers, const CtPacket& tracked, const CtTuple& to,
                           FlowKey& key) noexcept {
  const auto* const bytes = rte_pktmbuf_mtod(packet, const uint8_t*);
  const uint8_t family = layers.ipv4 != 0 ? 4 : 6;
  IpHeader ip;
  if (!read_ip_header(bytes, rte_pktmbuf_data_len(packet), layers.ipv4 != 0 ? layers.ipv4 : layers.ipv6, family, ip)) return true;
  const CtTuple& from = tracked.tuple;
  const bool is_part = ip.first_fragment && ip.proto == kProtoSctp;
  if (__builtin_expect(is_part, 0) && (from.src_port != to.src_port || from.dst_port != to.dst_port)) return false;
  if (tracked.kind == CtKind::kIcmpError) {
    translate_error(packet, ip, tracked, to);
  } else {
    translate_plain(packet, ip, tracked, to);
  }
  refresh(bytes, ip, key);
  return true;
}

}  // namespace vswitch
