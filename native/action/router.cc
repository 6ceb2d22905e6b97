#include "action/router.h"

#include <rte_ip.h>

#include <algorithm>

#include "action/output.h"
#include "action/reply_limiter.h"
#include "meter/cycle_meter.h"
#include "packet/checksum.h"
#include "packet/rewrite.h"
#include "packet/tracked_packet.h"
#include "state/ct_request.h"

namespace vswitch {
namespace {

constexpr uint8_t kTtl = 64;
// Of errors (RFC 1812, section 4.3.2.5: internetwork control).
constexpr uint8_t kTos = 0xc0;
// As much of the packet as an error of at most so many bytes can quote: RFC 1812, section 4.3.2.3; RFC 4443, section 2.4 (c).
constexpr uint32_t kMostIpv4 = 576;
constexpr uint32_t kMostIpv6 = 1280;

struct TypeAndCode {
  uint8_t type;
  uint8_t code;
};

// By RouterError.
constexpr TypeAndCode kIcmp[] = {{11, 0}, {3, 4}, {3, 3}};
constexpr TypeAndCode kIcmpv6[] = {{3, 0}, {2, 0}, {1, 4}};

bool is_group(const uint8_t* mac) noexcept { return (mac[0] & 1) != 0; }

// An IPv4 address that is of one host.
bool is_host4(const uint8_t* address) noexcept { return address[0] != 0 && address[0] != 127 && address[0] < 224; }

bool is_host6(const uint8_t* address) noexcept {
  constexpr uint8_t kUnspecified[16] = {};
  return address[0] != 0xff && memcmp(address, kUnspecified, sizeof kUnspecified) != 0;
}

// A packet that an error may be about.
struct Subject {
  IpHeader ip;
  const uint8_t* bytes;
  uint32_t length;  // of the first segment
  const uint8_t* source;
};

// Whether an error may be sent about the packet, as far as its IP header says.
bool read_subject(const ActionContext& context, uint32_t index, RouterError error, Subject& subject) noexcept {
  const Layers& layers = context.burst.layers[index];
  if (layers.ipv4 == 0 && layers.ipv6 == 0) return false;
  const rte_mbuf* const packet = context.burst.packet[index];
  const uint8_t family = layers.ipv4 != 0 ? 4 : 6;
  subject.bytes = rte_pktmbuf_mtod(packet, const uint8_t*);
  subject.length = rte_pktmbuf_data_len(packet);
  IpHeader& ip = subject.ip;
  if (!read_ip_header(subject.bytes, subject.length, family == 4 ? layers.ipv4 : layers.ipv6, family, ip)) return false;
  if (ip.later_fragment) return false;
  const uint8_t* const header = subject.bytes + ip.at;
  subject.source = header + (family == 4 ? 12 : 8);
  if (family == 4) {
    // A packet that may be fragmented is not the concern of who sent it.
    if (error == RouterError::kTooBig && (header[6] & 0x40) == 0) return false;
    if (!is_host4(subject.source) || !is_host4(header + 16)) return false;
  } else {
    if (!is_host6(subject.source)) return false;
    if (header[24] == 0xff && error != RouterError::kTooBig) return false;
  }
  const bool is_icmp = ip.proto == (family == 4 ? kProtoIcmp : kProtoIcmpv6);
  if (!is_icmp) return true;
  return ip.payload < std::min(subject.length, ip.end) && !is_icmp_error(family, subject.bytes[ip.payload]);
}

void write_ipv4(uint8_t* ip, uint32_t bytes, const uint8_t* source, const uint8_t* target) noexcept {
  const rte_ipv4_hdr header{};
  memcpy(ip, &header, sizeof header);
  ip[0] = 0x45;
  ip[1] = kTos;
  store(ip + 2, rte_cpu_to_be_16(static_cast<uint16_t>(bytes)));
  ip[8] = kTtl;
  ip[9] = kProtoIcmp;
  memcpy(ip + 12, source, 4);
  memcpy(ip + 16, target, 4);
  store(ip + kIpv4Checksum, static_cast<uint16_t>(~rte_raw_cksum(ip, kIpv4Bytes)));
}

void write_ipv6(uint8_t* ip, uint32_t bytes, const uint8_t* source, const uint8_t* target) noexcept {
  memset(ip, 0, 8);
  ip[0] = 0x60;
  store(ip + 4, rte_cpu_to_be_16(static_cast<uint16_t>(bytes - kIpv6Bytes)));
  ip[6] = kProtoIcmpv6;
  ip[7] = kTtl;
  memcpy(ip + 8, source, 16);
  memcpy(ip + 24, target, 16);
}

// Behind the IP header at `ip`: the error, which quotes `quoted` bytes of the subject.
void write_icmp(uint8_t* ip, const Subject& subject, RouterError error, uint32_t mtu, uint32_t quoted) noexcept {
  const bool is_ipv4 = subject.ip.family == 4;
  const uint32_t header_bytes = is_ipv4 ? kIpv4Bytes : kIpv6Bytes;
  uint8_t* const icmp = ip + header_bytes;
  const TypeAndCode what = (is_ipv4 ? kIcmp : kIcmpv6)[static_cast<size_t>(error)];
  icmp[0] = what.type;
  icmp[1] = what.code;
  store<uint16_t>(icmp + kIcmpChecksum, 0);
  store(icmp + 4, rte_cpu_to_be_32(mtu));
  memcpy(icmp + kIcmpErrorBytes, subject.bytes + subject.ip.at, quoted);
  const uint32_t bytes = kIcmpErrorBytes + quoted;
  const uint64_t pseudo =
      is_ipv4 ? 0 : uint64_t{rte_raw_cksum(ip + 8, 32)} + rte_cpu_to_be_32(bytes) + RTE_BE32(uint32_t{kProtoIcmpv6});
  store(icmp + kIcmpChecksum, static_cast<uint16_t>(~fold(pseudo + rte_raw_cksum(icmp, bytes))));
}

}  // namespace

bool may_reply(const ActionContext& context) noexcept {
  const Gateways* const gateways = context.gateways[context.burst.in_port];
  if (gateways == nullptr || context.replies == nullptr) return true;
  return context.replies->take(context.slot, gateways->replies_per_second, context.meter->last());
}

void send_router_error(const ActionContext& context, uint32_t index, RouterError error, uint32_t mtu) noexcept {
  const PortNumber port = context.burst.in_port;
  const FlowKey& key = context.burst.key[index];
  const Gateways* const gateways = context.gateways[port];
  if (gateways == nullptr || !context.egress[port].open) return;
  if ((context.burst.tunnelled & packet_bit(index)) != 0 || (key.ct_state & kCtTranslated) != 0) return;
  Subject subject{};
  if (!read_subject(context, index, error, subject)) return;
  const Gateway* const gateway = gateways->find(subject.ip.family, subject.source);
  // The frame's addresses may have been set since it came.
  const bool has_key = context.plan.reads(kEthernetAddresses);
  const uint8_t* const sender = has_key ? key.eth_src : subject.bytes + 6;
  if (gateway == nullptr || is_group(has_key ? key.eth_dst : subject.bytes) || is_group(sender)) return;
  if (!may_reply(context)) return;

  const rte_mbuf* const packet = context.burst.packet[index];
  rte_mbuf* const reply = rte_pktmbuf_alloc(packet->pool);
  if (reply == nullptr) return;
  const bool is_ipv4 = subject.ip.family == 4;
  const uint32_t header_bytes = is_ipv4 ? kIpv4Bytes : kIpv6Bytes;
  const uint32_t before = subject.ip.at + header_bytes + kIcmpErrorBytes;
  const uint32_t most = std::min<uint32_t>((is_ipv4 ? kMostIpv4 : kMostIpv6) - header_bytes - kIcmpErrorBytes,
                                           rte_pktmbuf_tailroom(reply) - std::min<uint32_t>(before, rte_pktmbuf_tailroom(reply)));
  const uint32_t quoted = std::min(most, std::min(subject.length, subject.ip.end) - subject.ip.at);
  auto* const frame = reinterpret_cast<uint8_t*>(rte_pktmbuf_append(reply, static_cast<uint16_t>(before + quoted)));
  if (frame == nullptr) return rte_pktmbuf_free(reply);
  memcpy(frame, subject.bytes, subject.ip.at);  // with its tags
  memcpy(frame, sender, 6);
  memcpy(frame + 6, gateways->mac, 6);
  uint8_t* const ip = frame + subject.ip.at;
  const uint32_t ip_bytes = before + quoted - subject.ip.at;
  (is_ipv4 ? write_ipv4 : write_ipv6)(ip, ip_bytes, gateway->address, subject.source);
  write_icmp(ip, subject, error, mtu, quoted);
  stage_packet(context, port, reply);
}

void drop_expired(const ActionContext& context, uint32_t index, DropReason reason) noexcept {
  if (reason == DropReason::ttl_expired) send_router_error(context, index, RouterError::kTimeExceeded);
  drop_packet(context, index, reason);
}

}  // namespace vswitch
