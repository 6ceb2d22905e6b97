#include "action/decap.h"

#include <string>

#include "action/tunnel.h"
#include "packet/parser.h"

namespace vswitch {
namespace {

// The VNIs to take are the first op.argument.
struct Vnis {
  uint32_t vni[kMaxVnis];
};

// Where things are in a tunnel packet, from its first byte.
struct Place {
  uint32_t udp;
  uint32_t inner;
  uint32_t end;
  uint32_t vni;
};

// Whether the checksum of an IPv4 header is right. Most headers have no options.
VSWITCH_INLINE bool ipv4_is_right(const uint8_t* ip) noexcept {
  if (__builtin_expect(ip[0] != 0x45, 0)) return rte_raw_cksum(ip, (ip[0] & 0x0fu) * 4u) == 0xffff;
  uint64_t sum = 0;
  for (uint32_t at = 0; at < kIpv4Bytes; at += 4) sum += load<uint32_t>(ip + at);
  return fold(sum) == 0xffff;
}

// Where the IP packet ends by its own claim; 0 where its checksum is wrong.
VSWITCH_INLINE uint32_t ip_end(const uint8_t* packet, const Layers& layers) noexcept {
  const uint8_t* const ipv4 = packet + layers.ipv4;
  if (layers.ipv4 == 0) return layers.ipv6 + kIpv6Bytes + load_be16(packet + layers.ipv6 + 4);
  return ipv4_is_right(ipv4) ? layers.ipv4 + load_be16(ipv4 + 2) : 0;
}

// UDP's checksum, where there is one.
bool udp_is_right(const rte_mbuf* mbuf, const uint8_t* packet, const Layers& layers) noexcept {
  const uint8_t* const udp = packet + layers.transport;
  const auto bytes = static_cast<uint16_t>(load_be16(udp + 4));
  const uint64_t sum = sum_of(mbuf, layers.transport, bytes);
  const uint8_t* const addresses = layers.ipv4 != 0 ? packet + layers.ipv4 + 12 : packet + layers.ipv6 + 8;
  return fold(sum + udp_pseudo_header(addresses, layers.ipv4 != 0 ? 4 : 16, bytes)) == 0xffff;
}

VSWITCH_INLINE bool read_vxlan(const uint8_t* tunnel, Place& place) noexcept {
  place.inner = place.udp + kUdpBytes + kTunnelBytes;
  return (tunnel[0] & kVxlanHasVni) != 0;
}

bool read_geneve(const uint8_t* tunnel, Place& place) noexcept {
  place.inner = place.udp + kUdpBytes + kTunnelBytes + (tunnel[0] & 0x3fu) * 4u;
  return tunnel[0] >> 6 == 0 && (tunnel[1] & (kGeneveControl | kGeneveCritical)) == 0 &&
         load_be16(tunnel + 2) == kTransparentEthernet;
}

VSWITCH_INLINE const DropReason* find(const rte_mbuf* mbuf, const Layers& layers, uint32_t kind, Place& place) noexcept {
  const auto* const packet = rte_pktmbuf_mtod(mbuf, const uint8_t*);
  const uint32_t end = ip_end(packet, layers);
  place.udp = layers.transport;
  place.end = place.udp + load_be16(packet + place.udp + 4);
  if (end > rte_pktmbuf_pkt_len(mbuf) || place.end > end) return &kNotATunnel;
  const uint32_t tunnel = place.udp + kUdpBytes;
  if (tunnel + kTunnelBytes > place.end) return &kNotATunnel;
  if (tunnel + kTunnelBytes > rte_pktmbuf_data_len(mbuf)) return &kHeaderSplit;
  place.vni = rte_be_to_cpu_32(load<uint32_t>(packet + tunnel + 4)) >> 8;
  if (!(kind == kVxlan ? read_vxlan(packet + tunnel, place) : read_geneve(packet + tunnel, place))) return &kNotATunnel;
  if (place.inner + kEthernetBytes > place.end) return &kNotATunnel;
  // None, over IPv6 too, is right (RFC 6935).
  if (load<uint16_t>(packet + place.udp + kUdpChecksum) != 0 && !udp_is_right(mbuf, packet, layers)) return &kNotATunnel;
  return place.inner + kEthernetBytes > rte_pktmbuf_data_len(mbuf) ? &kHeaderSplit : nullptr;
}

// RFC 6040, section 4.2: the inner packet gets the outer congestion mark; one that cannot carry it may not go on where it was
// marked.
const DropReason* take_mark(uint8_t* packet, const Layers& layers, uint8_t outer, FlowKey& key) noexcept {
  if (layers.ipv4 == 0 && layers.ipv6 == 0) return nullptr;
  const uint8_t own = tos_of(packet, layers) & kEcnMask;
  if (own == 0) return outer == kEcnCe ? &kNotATunnel : nullptr;
  const bool marks = outer == kEcnCe || (outer == kEcnEct1 && own == kEcnEct0);
  if (own == kEcnCe || !marks) return nullptr;
  key.ip_tos = static_cast<uint8_t>((key.ip_tos & ~kEcnMask) | outer);
  if (layers.ipv4 == 0) {
    uint8_t& second = packet[layers.ipv6 + 1];
    second = static_cast<uint8_t>((second & ~(kEcnMask << 4)) | outer << 4);
    return nullptr;
  }
  uint8_t* const ip = packet + layers.ipv4;
  const auto before = load<uint16_t>(ip);
  ip[1] = static_cast<uint8_t>((ip[1] & ~kEcnMask) | outer);
  update_checksum_at(ip + kIpv4Checksum, difference(before, load<uint16_t>(ip)));
  return nullptr;
}

// What lies behind the first `length` bytes off.
void cut(rte_mbuf* mbuf, uint32_t length) noexcept {
  mbuf->pkt_len = length;
  rte_mbuf* segment = mbuf;
  uint16_t segments = 1;
  for (; length > segment->data_len && segment->next != nullptr; ++segments) {
    length -= segment->data_len;
    segment = segment->next;
  }
  segment->data_len = static_cast<uint16_t>(length);
  rte_pktmbuf_free(segment->next);
  segment->next = nullptr;
  mbuf->nb_segs = segments;
}

// Takes the outer headers off; `mark` is then their congestion mark.
VSWITCH_INLINE const DropReason* unwrap(const ActionContext& context, const Op& op, uint32_t index, uint8_t& mark) noexcept {
  rte_mbuf* const mbuf = context.burst.packet[index];
  const Layers& layers = context.burst.layers[index];
  FlowKey& key = context.burst.key[index];
  if (layers.transport == 0 || layers.proto != kProtoUdp || (key.layer_flags & kFragment) != 0) return &kNotATunnel;
  Place place;
  if (const DropReason* fault = find(mbuf, layers, op.field, place)) return fault;
  const uint32_t* const vnis = op.payload<Vnis>().vni;
  uint32_t i = 0;
  while (i < op.argument && vnis[i] != place.vni) ++i;
  if (i == op.argument) return &kUnknownVni;

  mark = static_cast<uint8_t>(tos_of(rte_pktmbuf_mtod(mbuf, const uint8_t*), layers) & kEcnMask);
  if (__builtin_expect(rte_pktmbuf_pkt_len(mbuf) != place.end, 0)) cut(mbuf, place.end);
  rte_pktmbuf_adj(mbuf, static_cast<uint16_t>(place.inner));
  key.tunnel_id = rte_cpu_to_be_64(place.vni);
  context.burst.tunnelled |= packet_bit(index);
  return nullptr;
}

}  // namespace

Status Decap::check(const Action& action) {
  if (action.argument >= kTunnels) return error(ErrorCode::BAD_TRANSACTION, "decap with an unknown tunnel");
  if (action.value == 0 || action.value > kMaxVnis)
    return error(ErrorCode::BAD_TRANSACTION, "decap with no VNI, or more than " + std::to_string(kMaxVnis));
  if (action.payload.size() != static_cast<size_t>(action.value) * sizeof(uint32_t))
    return error(ErrorCode::BAD_TRANSACTION, "decap with operands of another size");
  return {};
}

void Decap::append(const Action& action, std::vector<Op>& ops) {
  Vnis vnis{};
  memcpy(vnis.vni, action.payload.data(), action.payload.size());
  Op op{ActionKind::decap};
  op.field = static_cast<uint8_t>(action.argument);
  op.argument = static_cast<uint32_t>(action.value);
  append_op(ops, op, vnis);
}

VSWITCH_HOT void Decap::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  uint8_t mark[kBurst];
  for_each_index(context, packets, [&](uint32_t index) { return unwrap(context, op, index, mark[index]); });
  Burst& burst = context.burst;
  ParseVerdict verdict[kBurst];
  parse_again(context.plan, burst, packets, verdict);
  for_each_index(context, packets, [&](uint32_t index) -> const DropReason* {
    if (__builtin_expect(verdict[index] != ParseVerdict::kOk, 0)) return &kMalformedHeader;
    if (mark[index] == 0) return nullptr;
    return take_mark(rte_pktmbuf_mtod(burst.packet[index], uint8_t*), burst.layers[index], mark[index], burst.key[index]);
  });
}

}  // namespace vswitch
