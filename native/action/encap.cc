#include "action/encap.h"

#include <string>

#include "action/output.h"
#include "action/tunnel.h"
#include "packet/flow_hash.h"
#include "packet/parser.h"

namespace vswitch {
namespace {

constexpr uint32_t kMaxOuterBytes = kEthernetBytes + kIpv6Bytes + kUdpBytes + kTunnelBytes;
constexpr uint32_t kIp = kEthernetBytes;

// As src/switch/codec.ts describes it.
struct Operand {
  uint32_t vni;
  uint16_t udp_dst;
  uint8_t ttl;
  uint8_t dscp;
  uint8_t family;
  uint8_t checksum;
  uint8_t eth_dst[6];
  uint8_t eth_src[6];
  uint8_t zero[10];
  uint8_t src[16];
  uint8_t dst[16];
};
static_assert(sizeof(Operand) == 64);

constexpr uint32_t kVniOfPacket = UINT32_MAX;
constexpr uint8_t kInheritDscp = 0xff;

// What comes before the packet, but for what differs from packet to packet.
struct Outer {
  uint8_t bytes[kMaxOuterBytes];
  uint8_t ip_bytes;
  uint8_t dscp;  // shifted to its place
  uint8_t inherit;
  uint8_t own_vni;
  uint8_t checksum;
  uint16_t ip_sum;  // of the IPv4 header, without length, DSCP and ECN

  [[nodiscard]] VSWITCH_INLINE uint32_t udp() const noexcept { return kIp + ip_bytes; }
  [[nodiscard]] VSWITCH_INLINE uint32_t tunnel() const noexcept { return udp() + kUdpBytes; }
};

Operand operand_of(const Action& action) {
  Operand operand;
  memcpy(&operand, action.payload.data(), sizeof operand);
  return operand;
}

void store_be16(uint8_t* at, uint32_t value) { store(at, rte_cpu_to_be_16(static_cast<uint16_t>(value))); }

void store_vni(uint8_t* tunnel, uint32_t vni) { store(tunnel + 4, rte_cpu_to_be_32(vni << 8)); }

void write_ipv4(uint8_t* ip, const Operand& operand) {
  ip[0] = 0x45;
  store_be16(ip + 6, 0x4000);  // not to be fragmented, so that the identification may be 0 (RFC 6864)
  ip[8] = operand.ttl;
  ip[9] = kProtoUdp;
  memcpy(ip + 12, operand.src, 4);
  memcpy(ip + 16, operand.dst, 4);
}

void write_ipv6(uint8_t* ip, const Operand& operand) {
  ip[0] = 0x60;
  ip[6] = kProtoUdp;
  ip[7] = operand.ttl;
  memcpy(ip + 8, operand.src, 16);
  memcpy(ip + 24, operand.dst, 16);
}

void write_tunnel(uint8_t* tunnel, uint16_t kind, const Operand& operand) {
  if (kind == kVxlan) {
    tunnel[0] = kVxlanHasVni;
  } else {
    store_be16(tunnel + 2, kTransparentEthernet);
  }
  if (operand.vni != kVniOfPacket) store_vni(tunnel, operand.vni);
}

VSWITCH_INLINE void set_ipv4(uint8_t* ip, uint16_t base_sum, uint8_t tos, uint32_t bytes) noexcept {
  const auto length = rte_cpu_to_be_16(static_cast<uint16_t>(bytes));
  store(ip, 0x45u | static_cast<uint32_t>(tos) << 8 | static_cast<uint32_t>(length) << 16);
  uint32_t sum = base_sum + (static_cast<uint32_t>(tos) << 8) + length;
  sum = (sum & 0xffff) + (sum >> 16);
  store(ip + kIpv4Checksum, static_cast<uint16_t>(~(sum + (sum >> 16))));
}

VSWITCH_INLINE void set_ipv6(uint8_t* ip, uint8_t tos, uint32_t payload_bytes) noexcept {
  store_be16(ip, 0x6000u | static_cast<uint32_t>(tos) << 4);
  store_be16(ip + 4, payload_bytes);
}

// Over all segments.
void set_udp_checksum(const rte_mbuf* mbuf, uint8_t* packet, uint32_t udp, uint32_t udp_bytes) noexcept {
  const uint32_t address_bytes = udp == kIp + kIpv4Bytes ? 4 : 16;
  const uint64_t sum = sum_of(mbuf, udp, udp_bytes);
  const uint8_t* const addresses = packet + udp - 2 * address_bytes;
  const auto checksum =
      static_cast<uint16_t>(~fold(sum + udp_pseudo_header(addresses, address_bytes, static_cast<uint16_t>(udp_bytes))));
  store(packet + udp + kUdpChecksum, checksum == 0 ? uint16_t{0xffff} : checksum);
}

// The most bytes that a packet may have to get `outer` around it: for the port by which it goes, where that is known (not 0).
uint32_t most_bytes(const ActionContext& context, PortNumber egress, uint32_t outer) noexcept {
  const uint32_t most = context.egress[egress].max_bytes;
  return most == 0 ? UINT16_MAX - kIpv4Bytes - kUdpBytes - kTunnelBytes : most - outer;
}

template <uint32_t kIpBytes>
VSWITCH_INLINE const DropReason* wrap(const ActionContext& context, const Outer& outer, uint32_t most, uint32_t index) noexcept {
  constexpr uint32_t kUdp = kIp + kIpBytes;
  constexpr uint32_t kTunnel = kUdp + kUdpBytes;
  constexpr uint32_t kOuter = kTunnel + kTunnelBytes;
  rte_mbuf* const mbuf = context.burst.packet[index];
  const FlowKey& key = context.burst.key[index];
  if (__builtin_expect(rte_pktmbuf_pkt_len(mbuf) > most, 0)) {
    send_router_error(context, index, RouterError::kTooBig, most - kEthernetBytes);
    return &kMtuExceeded;
  }
  // The ECN as it is: RFC 6040, normal mode.
  const uint8_t inner = tos_of(rte_pktmbuf_mtod(mbuf, const uint8_t*), context.burst.layers[index]);
  const auto tos = static_cast<uint8_t>(outer.inherit != 0 ? inner : outer.dscp | (inner & kEcnMask));
  const uint32_t udp_bytes = kUdpBytes + kTunnelBytes + rte_pktmbuf_pkt_len(mbuf);
  auto* const packet = reinterpret_cast<uint8_t*>(rte_pktmbuf_prepend(mbuf, kOuter));
  if (packet == nullptr) return &kNoHeadroom;

  memcpy(packet, outer.bytes, kOuter);
  if constexpr (kIpBytes == kIpv4Bytes) {
    set_ipv4(packet + kIp, outer.ip_sum, tos, kIpBytes + udp_bytes);
  } else {
    set_ipv6(packet + kIp, tos, udp_bytes);
  }
  store_be16(packet + kUdp, 49152 + (flow_hash(key) & 0x3fff));
  store_be16(packet + kUdp + 4, udp_bytes);
  if (outer.own_vni != 0) store_vni(packet + kTunnel, static_cast<uint32_t>(rte_be_to_cpu_64(key.tunnel_id)) & kMaxVni);
  if (outer.checksum != 0) set_udp_checksum(mbuf, packet, kUdp, udp_bytes);
  return nullptr;
}

}  // namespace

Status Encap::check(const Action& action) {
  const auto fault = [](const char* what) { return error(ErrorCode::BAD_TRANSACTION, std::string("encap with ") + what); };
  if (action.argument >= kTunnels) return fault("an unknown tunnel");
  if (action.payload.size() != sizeof(Operand)) return fault("operands of another size");
  const Operand operand = operand_of(action);
  if (operand.vni > kMaxVni && operand.vni != kVniOfPacket) return fault("a VNI of more than 24 bits");
  if (operand.family != 4 && operand.family != 6) return fault("an unknown address family");
  if (operand.dscp > 63 && operand.dscp != kInheritDscp) return fault("a DSCP of more than 6 bits");
  if (operand.checksum > 1) return fault("neither checksum nor none");
  if (operand.ttl == 0) return fault("a TTL of 0");
  return {};
}

void Encap::append(const Action& action, std::vector<Op>& ops) {
  const Operand operand = operand_of(action);
  Outer outer{};
  outer.ip_bytes = operand.family == 4 ? kIpv4Bytes : kIpv6Bytes;
  outer.inherit = operand.dscp == kInheritDscp;
  outer.dscp = outer.inherit != 0 ? 0 : static_cast<uint8_t>(operand.dscp << 2);
  outer.own_vni = operand.vni == kVniOfPacket;
  outer.checksum = operand.checksum;
  memcpy(outer.bytes, operand.eth_dst, 6);
  memcpy(outer.bytes + 6, operand.eth_src, 6);
  store_be16(outer.bytes + 12, operand.family == 4 ? kTypeIpv4 : kTypeIpv6);
  const auto write_ip = operand.family == 4 ? write_ipv4 : write_ipv6;
  write_ip(outer.bytes + kIp, operand);
  if (operand.family == 4) outer.ip_sum = rte_raw_cksum(outer.bytes + kIp, kIpv4Bytes);
  store_be16(outer.bytes + outer.udp() + 2, operand.udp_dst);
  write_tunnel(outer.bytes + outer.tunnel(), action.argument, operand);
  append_op(ops, Op{ActionKind::encap}, outer);
}

VSWITCH_HOT void Encap::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  const Outer outer = op.payload<Outer>();  // a copy, which no store into a packet can change
  const uint32_t most = most_bytes(context, static_cast<PortNumber>(op.argument), outer.tunnel() + kTunnelBytes);
  if (outer.ip_bytes == kIpv4Bytes) {
    for_each_index(context, packets, [&](uint32_t index) { return wrap<kIpv4Bytes>(context, outer, most, index); });
  } else {
    for_each_index(context, packets, [&](uint32_t index) { return wrap<kIpv6Bytes>(context, outer, most, index); });
  }
  context.burst.tunnelled |= packets.count == context.burst.count ? ~PacketSet{0} : set_of(packets);
  if ((op.flags & kUnread) != 0 && context.burst.written == 0) return;
  ParseVerdict verdict[kBurst];
  parse_again(context.plan, context.burst, packets, verdict);
  for_each_index(context, packets,
                 [&](uint32_t index) { return verdict[index] == ParseVerdict::kOk ? nullptr : &kMalformedHeader; });
}

}  // namespace vswitch
