#include "action/icmp_reply.h"

#include <algorithm>

#include "action/router.h"
#include "packet/rewrite.h"
#include "packet/tracked_packet.h"

namespace vswitch {
namespace {

constexpr uint8_t kTtl = 64;

struct EchoTypes {
  uint8_t request;
  uint8_t reply;
};
constexpr EchoTypes kEcho4{8, 0};
constexpr EchoTypes kEcho6{128, 129};

template <uint32_t kBytes>
void swap_bytes(uint8_t* a, uint8_t* b) noexcept {
  uint8_t held[kBytes];
  memcpy(held, a, kBytes);
  memcpy(a, b, kBytes);
  memcpy(b, held, kBytes);
}

// Sets the first byte of the word at `at`, and says what that changes of a sum over it.
Difference set_first_byte(uint8_t* at, uint8_t value) noexcept {
  const auto before = load<uint16_t>(at);
  *at = value;
  return difference(before, load<uint16_t>(at));
}

void reply(uint8_t* frame, const IpHeader& ip) noexcept {
  uint8_t* const header = frame + ip.at;
  uint8_t* const icmp = frame + ip.payload;
  swap_bytes<6>(frame, frame + 6);
  if (ip.family == 4) {
    swap_bytes<4>(header + 12, header + 16);
    update_checksum_at(header + kIpv4Checksum, set_first_byte(header + 8, kTtl));
    update_icmp_checksum_at(icmp + kIcmpChecksum, set_first_byte(icmp, kEcho4.reply));
  } else {
    swap_bytes<16>(header + 8, header + 24);
    header[7] = kTtl;
    update_icmp_checksum_at(icmp + kIcmpChecksum, set_first_byte(icmp, kEcho6.reply));
  }
}

const DropReason* answer(const ActionContext& context, uint32_t index) noexcept {
  const Layers& layers = context.burst.layers[index];
  if (layers.ipv4 == 0 && layers.ipv6 == 0) return &kActionWithoutHeader;
  rte_mbuf* const mbuf = context.burst.packet[index];
  auto* const frame = rte_pktmbuf_mtod(mbuf, uint8_t*);
  const uint32_t length = rte_pktmbuf_data_len(mbuf);
  const uint8_t family = layers.ipv4 != 0 ? 4 : 6;
  IpHeader ip;
  if (!read_ip_header(frame, length, family == 4 ? layers.ipv4 : layers.ipv6, family, ip)) return &kMalformedHeader;
  if (ip.first_fragment || ip.later_fragment) return &kNoService;
  if (ip.proto == kProtoTcp || ip.proto == kProtoUdp) {
    send_router_error(context, index, RouterError::kPortUnreachable);
    return &kNoService;
  }
  const auto [proto, echo] = family == 4 ? std::pair{kProtoIcmp, kEcho4} : std::pair{kProtoIcmpv6, kEcho6};
  if (ip.proto != proto || ip.payload + kIcmpErrorBytes > std::min(length, ip.end)) return &kNoService;
  if (frame[ip.payload] != echo.request || frame[ip.payload + 1] != 0) return &kNoService;
  if (!may_reply(context)) return &kReplyRateExceeded;
  reply(frame, ip);
  return nullptr;
}

}  // namespace

void IcmpReply::apply(const ActionContext& context, const Op&, Selection& packets) noexcept {
  for_each_index(context, packets, [&](uint32_t index) { return answer(context, index); });
}

}  // namespace vswitch
