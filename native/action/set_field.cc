#include "action/set_field.h"

#include "action/set_field_operand.h"
#include "packet/parser.h"
#include "packet/rewrite.h"

namespace vswitch {
namespace {

// Where a field begins; null where the packet has no such header.

template <uint16_t Layers::*kLayer, uint32_t kOffset>
VSWITCH_INLINE uint8_t* in(uint8_t* packet, const Layers& layers) noexcept {
  return layers.*kLayer == 0 ? nullptr : packet + layers.*kLayer + kOffset;
}

template <uint8_t kProto, uint32_t kOffset>
VSWITCH_INLINE uint8_t* in_transport(uint8_t* packet, const Layers& layers) noexcept {
  return layers.transport == 0 || layers.proto != kProto ? nullptr : packet + layers.transport + kOffset;
}

VSWITCH_INLINE uint8_t* icmp(uint8_t* packet, const Layers& layers) noexcept {
  return layers.ipv4 == 0 ? nullptr : in_transport<kProtoIcmp, 0>(packet, layers);
}

VSWITCH_INLINE uint8_t* icmpv6(uint8_t* packet, const Layers& layers) noexcept {
  return layers.ipv6 == 0 ? nullptr : in_transport<kProtoIcmpv6, 0>(packet, layers);
}

VSWITCH_INLINE uint8_t* outer_tag(uint8_t* packet, const Layers& layers) noexcept {
  return layers.tags == 0 ? nullptr : packet + kEthernetBytes;
}

template <uint32_t kOffset>
VSWITCH_INLINE uint8_t* ethernet(uint8_t* packet, const Layers&) noexcept {
  return packet + kOffset;
}

VSWITCH_INLINE uint8_t* ether_type(uint8_t* packet, const Layers& layers) noexcept {
  return packet + kEthernetBytes - 2 + layers.tags * kVlanBytes;
}

template <uint8_t kKind>
VSWITCH_INLINE uint8_t* nd_address(uint8_t* packet, const Layers& layers) noexcept {
  if (layers.nd_option == 0 || packet[layers.nd_option] != kKind) return nullptr;
  return packet + layers.nd_option + 2;
}

// The checksums that cover a field.

VSWITCH_INLINE void none(uint8_t*, const Layers&, Difference) noexcept {}

VSWITCH_INLINE void ipv4_header(uint8_t* packet, const Layers& layers, Difference change) noexcept {
  update_checksum_at(packet + layers.ipv4 + kIpv4Checksum, change);
}

VSWITCH_INLINE void ipv4_pseudo(uint8_t* packet, const Layers& layers, Difference change) noexcept {
  ipv4_header(packet, layers, change);
  pseudo_header_changed(packet, layers, change);
}

VSWITCH_INLINE void ipv6_destination(uint8_t* packet, const Layers& layers, Difference change) noexcept {
  if (layers.transport == layers.ipv6 + kIpv6Bytes || is_final_destination(packet, layers))
    pseudo_header_changed(packet, layers, change);
}

VSWITCH_INLINE void tcp(uint8_t* packet, const Layers& layers, Difference change) noexcept {
  update_checksum_at(packet + layers.transport + kTcpChecksum, change);
}

VSWITCH_INLINE void udp(uint8_t* packet, const Layers& layers, Difference change) noexcept {
  update_udp_checksum_at(packet + layers.transport + kUdpChecksum, change);
}

VSWITCH_INLINE void any_icmp(uint8_t* packet, const Layers& layers, Difference change) noexcept {
  update_checksum_at(packet + layers.transport + kIcmpChecksum, change);
}

using Place = uint8_t* (*)(uint8_t* packet, const Layers& layers) noexcept;
using Mend = void (*)(uint8_t* packet, const Layers& layers, Difference change) noexcept;

template <uint32_t kBytes, Place kPlace, Mend kMend = none>
VSWITCH_INLINE void patch_all(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  const auto& patch = operand<Patch<kBytes>>(op);
  for_each_packet(context, packets, [&patch](uint8_t* packet, const Layers& layers) -> const DropReason* {
    uint8_t* const at = kPlace(packet, layers);
    if (at == nullptr) return &kActionWithoutHeader;
    kMend(packet, layers, patch.apply(at));
    return nullptr;
  });
}

template <uint32_t kIpv4Offset, uint32_t kIpv6Offset>
VSWITCH_INLINE void patch_both(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  const auto& patch = operand<BothFamilies>(op);
  for_each_packet(context, packets, [&patch](uint8_t* packet, const Layers& layers) -> const DropReason* {
    if (layers.ipv4 != 0) {
      ipv4_header(packet, layers, patch.ipv4.apply(packet + layers.ipv4 + kIpv4Offset));
      return nullptr;
    }
    if (layers.ipv6 == 0) return &kActionWithoutHeader;
    patch.ipv6.apply(packet + layers.ipv6 + kIpv6Offset);
    return nullptr;
  });
}

// The pseudo header of what follows has it too, so that the checksum there stays as right as it was, as far as the protocol
// before says where that is. The protocol of IPv6 may stand in an extension header.
void write_proto(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  const auto& patch = operand<BothFamilies>(op);
  for_each_index(context, packets, [&](uint32_t index) -> const DropReason* {
    rte_mbuf* const mbuf = context.burst.packet[index];
    auto* const packet = rte_pktmbuf_mtod(mbuf, uint8_t*);
    const Layers& layers = context.burst.layers[index];
    if (layers.ipv4 != 0) {
      ipv4_pseudo(packet, layers, patch.ipv4.apply(packet + layers.ipv4 + 8));
      return nullptr;
    }
    uint8_t* const next = layers.ipv6 == 0 ? nullptr : last_next_header(packet, layers, rte_pktmbuf_data_len(mbuf));
    if (next == nullptr) return &kActionWithoutHeader;
    const uint16_t before = rte_cpu_to_be_16(*next);
    *next = static_cast<uint8_t>((*next & patch.ipv6.keep[1]) | patch.ipv6.value[1]);
    pseudo_header_changed(packet, layers, difference(before, rte_cpu_to_be_16(*next)));
    return nullptr;
  });
}

template <uint32_t kOffset>
void write_sctp_port(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  const auto& patch = operand<Patch<2>>(op);
  for_each_index(context, packets, [&](uint32_t index) -> const DropReason* {
    rte_mbuf* const mbuf = context.burst.packet[index];
    auto* const packet = rte_pktmbuf_mtod(mbuf, uint8_t*);
    const Layers& layers = context.burst.layers[index];
    uint8_t* const sctp = in_transport<kProtoSctp, 0>(packet, layers);
    if (sctp == nullptr) return &kActionWithoutHeader;
    const auto before = load<uint32_t>(sctp);
    patch.apply(sctp + kOffset);
    sctp_ports_changed(sctp, before, load<uint32_t>(sctp), transport_bytes(packet, layers, rte_pktmbuf_pkt_len(mbuf)));
    return nullptr;
  });
}

void write_nd_target(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  const auto& patch = operand<Patch<16>>(op);
  for_each_index(context, packets, [&](uint32_t index) -> const DropReason* {
    const Layers& layers = context.burst.layers[index];
    if (layers.transport == 0 || (context.burst.key[index].layer_flags & kHasNd) == 0) return &kActionWithoutHeader;
    auto* const packet = rte_pktmbuf_mtod(context.burst.packet[index], uint8_t*);
    any_icmp(packet, layers, patch.apply(packet + layers.transport + 8));
    return nullptr;
  });
}

// What belongs to the packet, but is not in it.
template <uint64_t FlowKey::*kMember>
void write_key(const ActionContext& context, const Op& op, const Selection& packets) noexcept {
  const auto& patch = operand<Patch<8>>(op);
  for (uint32_t i = 0; i < packets.count; ++i)
    patch.apply(reinterpret_cast<uint8_t*>(&(context.burst.key[packets.index[i]].*kMember)));
}

// Of a packet that has become one of another kind; what cannot be read of it as that is not there for what follows.
void read_again(const ActionContext& context, const Selection& packets) noexcept {
  for (uint32_t i = 0; i < packets.count; ++i) (void)parse_again(context.plan, context.burst, packets.index[i]);
}

}  // namespace

VSWITCH_HOT void SetField::set(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  switch (static_cast<Field>(op.field)) {
    case Field::eth_dst:
      return patch_all<6, ethernet<0>>(context, op, packets);
    case Field::eth_src:
      return patch_all<6, ethernet<6>>(context, op, packets);
    case Field::eth_type:
      patch_all<2, ether_type>(context, op, packets);
      return read_again(context, packets);
    case Field::vlan_vid:
    case Field::vlan_pcp:
      return patch_all<2, outer_tag>(context, op, packets);
    case Field::ip_dscp:
    case Field::ip_ecn:
      return patch_both<0, 0>(context, op, packets);
    case Field::ip_ttl:
      return patch_both<8, 6>(context, op, packets);
    case Field::ip_proto:
      write_proto(context, op, packets);
      return read_again(context, packets);
    case Field::ipv4_src:
      return patch_all<4, in<&Layers::ipv4, 12>, ipv4_pseudo>(context, op, packets);
    case Field::ipv4_dst:
      return patch_all<4, in<&Layers::ipv4, 16>, ipv4_pseudo>(context, op, packets);
    case Field::ipv6_src:
      return patch_all<16, in<&Layers::ipv6, 8>, pseudo_header_changed>(context, op, packets);
    case Field::ipv6_dst:
      return patch_all<16, in<&Layers::ipv6, 24>, ipv6_destination>(context, op, packets);
    case Field::ipv6_flabel:
      return patch_all<4, in<&Layers::ipv6, 0>>(context, op, packets);
    case Field::tcp_src:
      return patch_all<2, in_transport<kProtoTcp, 0>, tcp>(context, op, packets);
    case Field::tcp_dst:
      return patch_all<2, in_transport<kProtoTcp, 2>, tcp>(context, op, packets);
    case Field::udp_src:
      return patch_all<2, in_transport<kProtoUdp, 0>, udp>(context, op, packets);
    case Field::udp_dst:
      return patch_all<2, in_transport<kProtoUdp, 2>, udp>(context, op, packets);
    case Field::sctp_src:
      return write_sctp_port<0>(context, op, packets);
    case Field::sctp_dst:
      return write_sctp_port<2>(context, op, packets);
    case Field::icmpv4_type:
    case Field::icmpv4_code:
      return patch_all<2, icmp, any_icmp>(context, op, packets);
    case Field::icmpv6_type:
    case Field::icmpv6_code:
      patch_all<2, icmpv6, any_icmp>(context, op, packets);
      return read_again(context, packets);  // it may be neighbour discovery now, or not any more
    case Field::ipv6_nd_target:
      return write_nd_target(context, op, packets);
    case Field::ipv6_nd_sll:
      return patch_all<6, nd_address<1>, any_icmp>(context, op, packets);
    case Field::ipv6_nd_tll:
      return patch_all<6, nd_address<2>, any_icmp>(context, op, packets);
    case Field::arp_op:
      return patch_all<2, in<&Layers::arp, 6>>(context, op, packets);
    case Field::arp_sha:
      return patch_all<6, in<&Layers::arp, 8>>(context, op, packets);
    case Field::arp_spa:
      return patch_all<4, in<&Layers::arp, 14>>(context, op, packets);
    case Field::arp_tha:
      return patch_all<6, in<&Layers::arp, 18>>(context, op, packets);
    case Field::arp_tpa:
      return patch_all<4, in<&Layers::arp, 24>>(context, op, packets);
    case Field::metadata:
      return write_key<&FlowKey::metadata>(context, op, packets);
    case Field::tunnel_id:
      return write_key<&FlowKey::tunnel_id>(context, op, packets);
    case Field::in_port:
    case Field::ip_frag:
    case Field::tcp_flags:
    case Field::ipv6_exthdr:
    case Field::ct_state:
    case Field::ct_zone:
    case Field::ct_mark:
      break;  // not settable
  }
}

}  // namespace vswitch
