// A packet as connection tracking sees it.
#pragma once

#include <cstdint>

namespace vswitch {

// As in a packet, network byte order.
struct CtTuple {
  uint8_t src[16], dst[16];     // IPv4 in the first 4 bytes, rest 0
  uint16_t src_port, dst_port;  // ICMP queries: the identifier in both; 0 where the protocol has none
  uint8_t proto;
  uint8_t family;  // 4, 6
};

enum class CtKind : uint8_t {
  kPacket,
  kIcmpRequest,  // echo, timestamp or information request
  kIcmpReply,
  kIcmpError,
  kUntracked,  // neighbour discovery, multicast listeners and other ICMP: new, never kept
  kInvalid,    // not IP, cut short, or nothing that can be read
};

struct CtPacket {
  CtTuple tuple;  // of an ICMP error: of the inner packet, turned, so that it is in the error's direction
  CtKind kind;
  // TCP only, host order.
  uint8_t tcp_flags;                    // FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32
  uint8_t window_scale;                 // of a SYN; kCtNoScale: no option
  bool first_fragment, later_fragment;  // a later one has no ports: both 0
  uint16_t window;
  uint32_t seq, ack, payload;  // payload: bytes
  uint32_t fragment_id;
};

inline constexpr uint8_t kCtNoScale = 0xff;

}  // namespace vswitch
