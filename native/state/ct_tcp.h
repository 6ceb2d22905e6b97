// What a segment makes of a TCP connection.
#pragma once

#include <array>
#include <cstdint>

#include "base/hot.h"
#include "packet/ct_packet.h"
#include "state/ct_record.h"

namespace vswitch {

enum CtTcpFlag : uint8_t { kTcpFin = 1, kTcpSyn = 2, kTcpRst = 4, kTcpPsh = 8, kTcpAck = 16, kTcpUrg = 32 };

// As Open vSwitch's tcp_invalid_flags() (lib/conntrack-tcp.c): SYN with FIN or RST; neither SYN, RST nor ACK; FIN, PSH or URG
// without ACK.
constexpr bool are_tcp_flags_illegal(uint8_t flags) {
  if ((flags & kTcpSyn) != 0 && (flags & (kTcpRst | kTcpFin)) != 0) return true;
  if ((flags & (kTcpSyn | kTcpRst | kTcpAck)) == 0) return true;
  return (flags & kTcpAck) == 0 && (flags & (kTcpFin | kTcpPsh | kTcpUrg)) != 0;
}

inline constexpr uint64_t kIllegalTcpFlags = [] {
  uint64_t set = 0;
  for (uint32_t flags = 0; flags < 64; ++flags) {
    if (are_tcp_flags_illegal(static_cast<uint8_t>(flags))) set |= uint64_t{1} << flags;
  }
  return set;
}();
[[nodiscard]] VSWITCH_INLINE bool is_illegal(uint8_t flags) noexcept { return (kIllegalTcpFlags >> (flags & 63) & 1) != 0; }

// Of a segment without a connection.
[[nodiscard]] VSWITCH_INLINE bool may_begin(uint8_t flags, bool loose) noexcept {
  if ((flags & kTcpRst) != 0) return false;
  return (flags & kTcpSyn) != 0 ? (flags & kTcpAck) == 0 : loose;
}

// Of a segment on a connection that is over.
[[nodiscard]] VSWITCH_INLINE bool begins_anew(uint64_t word, uint8_t flags) noexcept {
  return (flags & (kTcpSyn | kTcpAck)) == kTcpSyn && ct_state_of(word) >= CtState::time_wait;
}

// The word after a segment of a direction (0: the initiator's).
[[nodiscard]] VSWITCH_INLINE uint64_t after_segment(uint64_t word, uint32_t direction, uint8_t flags) noexcept {
  CtState state = ct_state_of(word);
  if (direction != 0) word |= kCtSeenReply;
  if (state == CtState::established && (flags & (kTcpFin | kTcpRst)) == 0) {
    return (word & kCtSeenReply) != 0 ? word & ~uint64_t{kCtHalfOpen} : word;
  }
  if ((flags & kTcpRst) != 0) return with_state(word, CtState::closed);  // half-open stays so: it may make room
  // A SYN in answer to a SYN is a simultaneous open (RFC 9293, 3.5), the SYN+ACK that follows completes it.
  if (state == CtState::syn_sent && direction != 0 && (flags & kTcpSyn) != 0) return with_state(word, CtState::syn_recv);
  if (state == CtState::syn_recv && direction == 0 && (flags & kTcpAck) != 0) state = CtState::established;
  if ((flags & kTcpFin) != 0 && state >= CtState::syn_recv && state <= CtState::fin_wait) {
    const uint64_t own = direction != 0 ? kCtFinReply : kCtFinOriginal;
    const uint64_t other = direction != 0 ? kCtFinOriginal : kCtFinReply;
    if ((word & other) == 0 && direction != 0) word |= kCtReplyFinFirst;
    word |= own;
    state = (word & other) != 0 ? CtState::last_ack : CtState::fin_wait;
  } else if (state == CtState::last_ack && (flags & (kTcpFin | kTcpAck)) == kTcpAck) {
    // Who began to close acknowledges the other's FIN.
    if (((word & kCtReplyFinFirst) != 0) == (direction != 0)) state = CtState::time_wait;
  }
  if (state >= CtState::established && state < CtState::closed && (word & kCtSeenReply) != 0) word &= ~uint64_t{kCtHalfOpen};
  return with_state(word, state);
}

// Windows, as Linux keeps them (net/netfilter/nf_conntrack_proto_tcp.c).

// In the scale of a side that a snapshot told of: what it said since is not known, so that its next segment tells anew. Until
// then who acknowledges it is believed.
inline constexpr uint32_t kCtStale = 0x100;
void make_stale(CtSide& side) noexcept;

// At the first segment of a connection; sides are those of its sender and its receiver.
void begin_window(CtSide& sender, CtSide& receiver, const CtPacket& packet) noexcept;
void copy_side(const CtSide& from, CtSide& to) noexcept;
// Whether the segment is in the window; then it moves the windows on.
[[nodiscard]] bool pass_window(CtSide& sender, CtSide& receiver, const CtPacket& packet) noexcept;

}  // namespace vswitch
