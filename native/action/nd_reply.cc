#include "action/nd_reply.h"

#include "action/router.h"
#include "packet/rewrite.h"

namespace vswitch {
namespace {

constexpr uint32_t kOptionBytes = 8;
constexpr uint32_t kAdvertisementBytes = kNeighbourBytes + kOptionBytes;
constexpr uint8_t kHopLimit = 255;
// Flags of an advertisement, RFC 4861, section 4.4.
constexpr uint8_t kRouter = 0x80;
constexpr uint8_t kSolicited = 0x40;
constexpr uint8_t kOverride = 0x20;
// ff02::1, and the MAC address that it is sent to (RFC 2464).
constexpr uint8_t kAllNodes[16] = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr uint8_t kAllNodesMac[6] = {0x33, 0x33, 0, 0, 0, 1};
constexpr uint8_t kUnspecified[16] = {};

uint16_t checksum_of(const uint8_t* ip, uint32_t bytes, uint64_t sum) noexcept {
  const uint64_t pseudo = uint64_t{rte_raw_cksum(ip + 8, 32)} + rte_cpu_to_be_32(bytes) + RTE_BE32(uint32_t{kProtoIcmpv6});
  return static_cast<uint16_t>(~fold(pseudo + sum));
}

// Whether the solicitation is one to be answered: RFC 4861, section 7.1.1. Its headers were read, and lie where `icmp` says.
bool is_valid(const rte_mbuf* mbuf, const uint8_t* ip, const uint8_t* icmp, const Layers& layers) noexcept {
  const uint32_t end = layers.ipv6 + kIpv6Bytes + load_be16(ip + 4);
  if (ip[7] != kHopLimit || icmp[0] != kIcmpv6Solicitation) return false;
  // Extension headers may claim to be longer than their packet does.
  if (end < layers.transport + kNeighbourBytes || end > rte_pktmbuf_pkt_len(mbuf)) return false;
  const uint32_t bytes = end - layers.transport;
  if (checksum_of(ip, bytes, sum_of(mbuf, layers.transport, bytes)) != 0) return false;
  const bool is_probe = memcmp(ip + 8, kUnspecified, sizeof kUnspecified) == 0;
  return !is_probe || layers.nd_option == 0;
}

const DropReason* answer(const ActionContext& context, const uint8_t* mac, uint32_t index) noexcept {
  rte_mbuf* const mbuf = context.burst.packet[index];
  Layers& layers = context.burst.layers[index];
  if ((context.burst.key[index].layer_flags & kHasNd) == 0) return &kActionWithoutHeader;
  if (mbuf->nb_segs != 1) return &kHeaderSplit;
  auto* frame = rte_pktmbuf_mtod(mbuf, uint8_t*);
  if (!is_valid(mbuf, frame + layers.ipv6, frame + layers.transport, layers)) return &kMalformedHeader;
  if (!may_reply(context)) return &kReplyRateExceeded;

  uint8_t asker[16];
  uint8_t target[16];
  uint8_t asker_mac[6];
  memcpy(asker, frame + layers.ipv6 + 8, sizeof asker);
  memcpy(target, frame + layers.transport + 8, sizeof target);
  memcpy(asker_mac, layers.nd_option != 0 ? frame + layers.nd_option + 2 : frame + 6, sizeof asker_mac);
  const bool is_probe = memcmp(asker, kUnspecified, sizeof asker) == 0;

  const uint32_t length = layers.ipv6 + kIpv6Bytes + kAdvertisementBytes;
  if (rte_pktmbuf_pkt_len(mbuf) > length) {
    rte_pktmbuf_trim(mbuf, static_cast<uint16_t>(rte_pktmbuf_pkt_len(mbuf) - length));
  } else if (rte_pktmbuf_append(mbuf, static_cast<uint16_t>(length - rte_pktmbuf_pkt_len(mbuf))) == nullptr) {
    return &kNoHeadroom;
  }
  memcpy(frame, is_probe ? kAllNodesMac : asker_mac, 6);
  memcpy(frame + 6, mac, 6);
  uint8_t* const ip = frame + layers.ipv6;
  store(ip + 4, rte_cpu_to_be_16(kAdvertisementBytes));
  ip[6] = kProtoIcmpv6;
  ip[7] = kHopLimit;
  memcpy(ip + 8, target, sizeof target);
  memcpy(ip + 24, is_probe ? kAllNodes : asker, sizeof asker);
  uint8_t* const icmp = ip + kIpv6Bytes;
  memset(icmp, 0, 8);
  icmp[0] = kIcmpv6Advertisement;
  icmp[4] = static_cast<uint8_t>(kRouter | kOverride | (is_probe ? 0 : kSolicited));
  memcpy(icmp + 8, target, sizeof target);
  icmp[kNeighbourBytes] = kOptionTarget;
  icmp[kNeighbourBytes + 1] = 1;
  memcpy(icmp + kNeighbourBytes + 2, mac, 6);
  store(icmp + kIcmpChecksum, checksum_of(ip, kAdvertisementBytes, rte_raw_cksum(icmp, kAdvertisementBytes)));
  layers.transport = static_cast<uint16_t>(layers.ipv6 + kIpv6Bytes);
  layers.nd_option = static_cast<uint16_t>(layers.transport + kNeighbourBytes);
  return nullptr;
}

}  // namespace

void NdReply::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  for_each_index(context, packets, [&](uint32_t index) { return answer(context, op.bytes, index); });
}

}  // namespace vswitch
