#include "state/ct_tcp.h"

#include <algorithm>

namespace vswitch {
namespace {

// The largest acknowledgement distance of a host that does not scale (Rooij), as Linux has it.
constexpr uint32_t kMinAckWindow = 66'000;
constexpr uint32_t kMaxScale = 14;  // RFC 7323, 2.3

bool before(uint32_t a, uint32_t b) noexcept { return static_cast<int32_t>(a - b) < 0; }

uint32_t get(const std::atomic<uint32_t>& value) noexcept { return value.load(std::memory_order_relaxed); }
void set(std::atomic<uint32_t>& value, uint32_t to) noexcept { value.store(to, std::memory_order_relaxed); }

uint32_t end_of(const CtPacket& packet) noexcept {
  return packet.seq + packet.payload + ((packet.tcp_flags & kTcpSyn) != 0) + ((packet.tcp_flags & kTcpFin) != 0);
}

bool has(const CtPacket& packet, uint8_t flag) noexcept { return (packet.tcp_flags & flag) != 0; }

uint32_t window_of(const CtSide& sender, const CtPacket& packet) noexcept {
  const uint32_t scale = get(sender.scale);
  // The window of a SYN is never scaled.
  return has(packet, kTcpSyn) || scale > kMaxScale ? packet.window : uint32_t{packet.window} << scale;
}

bool is_stale(const CtSide& side) noexcept { return (get(side.scale) & kCtStale) != 0; }

// The first segment of a side.
void begin_side(CtSide& sender, CtSide& receiver, const CtPacket& packet) noexcept {
  const uint32_t end = end_of(packet);
  // In mid-stream the scale is not known, so the largest is granted: a burst may be under way.
  const uint32_t window = std::max<uint32_t>(1, packet.window) << (has(packet, kTcpSyn) ? 0 : kMaxScale);
  set(sender.end, end);
  set(sender.max_window, window);
  if (has(packet, kTcpSyn)) {
    set(sender.limit, end);
    const uint32_t scale = packet.window_scale == kCtNoScale ? kCtNoScale : std::min<uint32_t>(packet.window_scale, kMaxScale);
    set(sender.scale, scale);
    if (get(receiver.max_window) != 0 && (scale == kCtNoScale || get(receiver.scale) == kCtNoScale)) {
      set(sender.scale, kCtNoScale);  // both ends offer it, or it is off (RFC 7323, 2.2)
      set(receiver.scale, kCtNoScale);
    }
    return;
  }
  set(sender.limit, end + window);
  set(sender.scale, kMaxScale);
}

}  // namespace

void copy_side(const CtSide& from, CtSide& to) noexcept {
  set(to.end, get(from.end));
  set(to.limit, get(from.limit));
  set(to.max_window, get(from.max_window));
  set(to.scale, get(from.scale));
}

void make_stale(CtSide& side) noexcept {
  set(side.max_window, 0);
  set(side.scale, get(side.scale) | kCtStale);
}

void begin_window(CtSide& sender, CtSide& receiver, const CtPacket& packet) noexcept {
  set(receiver.max_window, 0);
  set(receiver.scale, 0);
  begin_side(sender, receiver, packet);
  const uint32_t ack = has(packet, kTcpAck) ? packet.ack : 0;
  set(receiver.end, ack);
  set(receiver.limit, has(packet, kTcpSyn) ? ack : ack + window_of(sender, packet));
}

bool pass_window(CtSide& sender, CtSide& receiver, const CtPacket& packet) noexcept {
  const bool reset = has(packet, kTcpRst);
  uint32_t seq = packet.seq;
  const uint32_t end = end_of(packet);
  if (is_stale(sender)) {
    if (reset) return true;
    begin_side(sender, receiver, packet);
  } else if (get(sender.max_window) == 0) {
    // An answer to a SYN acknowledges it, a reset too (RFC 9293, 3.10.7.3).
    const bool to_syn = get(receiver.limit) == get(receiver.end) && get(sender.end) == 0;
    if (to_syn && has(packet, kTcpAck) && packet.ack != get(receiver.end)) return false;
    if (reset) return !to_syn || has(packet, kTcpAck);
    if (!to_syn && (before(get(sender.limit), seq) || before(seq, get(sender.end) - kMinAckWindow))) return false;
    begin_side(sender, receiver, packet);
  }
  const bool says_ack = has(packet, kTcpAck) && !(reset && packet.ack == 0) && !is_stale(receiver);
  const uint32_t ack = says_ack ? packet.ack : get(receiver.end);
  const uint32_t window = window_of(sender, packet);
  const uint32_t back = get(receiver.max_window);
  const bool in_receive_window = back == 0 || before(get(sender.end) - back - 1, end);
  const uint32_t ack_window = std::max(kMinAckWindow, get(sender.max_window));
  // Taken up in mid-stream: what the other side said before may be acknowledged only now, its first segment be said again.
  const bool unheard = back == 0 && get(receiver.limit) != get(receiver.end);
  const bool uncertain = unheard || get(receiver.scale) == kMaxScale;
  if (uncertain && before(get(receiver.end), ack) && !before(get(receiver.limit), ack)) set(receiver.end, ack);
  if (!before(seq, get(sender.limit) + 1) || !in_receive_window || !before(ack, get(receiver.end) + 1) ||
      !before(get(receiver.end) - ack_window - 1, ack)) {
    return false;
  }
  if (reset) return true;
  if (get(sender.max_window) < window) set(sender.max_window, window);
  if (before(get(sender.end), end)) set(sender.end, end);
  if (back != 0 && before(get(sender.limit), end)) set(receiver.max_window, back + (end - get(sender.limit)));
  if (before(get(receiver.limit) - 1, ack + window)) set(receiver.limit, ack + window + (window == 0));
  return true;
}

}  // namespace vswitch
