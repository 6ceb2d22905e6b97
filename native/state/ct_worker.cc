#include "state/ct_worker.h"

#include "state/ct_shared.h"
#include "state/ct_tcp.h"

namespace vswitch {
namespace {

// An expiry is moved on where that is worth a write: directions on different workers share the line.
constexpr uint32_t kRefreshMs = 8;
constexpr uint8_t kTcp = 6;

VSWITCH_INLINE uint64_t next_word(const CtPacket& packet, uint64_t word, uint32_t direction) noexcept {
  if (packet.tuple.proto == kTcp) return after_segment(word, direction, packet.tcp_flags);
  if (direction == 0) return word;
  return with_state((word | kCtSeenReply) & ~uint64_t{kCtHalfOpen}, CtState::bidirectional);
}

}  // namespace

VSWITCH_INLINE void ConntrackWorker::fill(const Context& context, CtIndex::Hit hit, uint64_t word,
                                          CtResult& result) const noexcept {
  const bool nat = context.request.nat;
  result.verdict = CtVerdict::ok;
  result.mark = shared_.records.hot[hit.record].mark.load(std::memory_order_relaxed);
  result.state = kCtTracked | ((word & kCtSeenReply) != 0 ? kCtEstablished : kCtNew) | (hit.direction != 0 ? kCtReply : 0);
  result.translate = nat && (word & kCtHasNat) != 0;
  if (__builtin_expect(result.translate, 0)) {
    // As ovs-fields(7): what is done to this packet. An answer has at its other end what the first packet had at its own.
    const bool at_source = ((word & kCtHasSourceNat) != 0) == (hit.direction == 0);
    result.state |= at_source ? kCtSourceNat : kCtDestinationNat;
    result.to = turned(shared_.records.endpoints(hit.record, 1 - hit.direction));
  }
}

VSWITCH_INLINE bool ConntrackWorker::advance(const Context& context, const CtPacket& packet, CtIndex::Hit hit,
                                             CtResult& result) noexcept {
  CtRecord& record = shared_.records.hot[hit.record];
  uint64_t word = record.word.load(std::memory_order_acquire);
  const uint32_t expiry = record.expiry.load(std::memory_order_relaxed);
  if (ct_life(word) != CtLife::live || is_due(expiry, context.tick)) return false;
  const bool is_tcp = packet.tuple.proto == kTcp;
  if (is_tcp) {
    if (is_illegal(packet.tcp_flags)) return invalid(context, CtCounter::invalid_flags, result), true;
    // The rest is for a new connection.
    if (begins_anew(word, packet.tcp_flags)) {
      if (!context.is_trial) remove(hit.record, 0, CtCounter::closed);
      return false;
    }
  }
  // Nearly all packets are of an established connection that stays so.
  const uint64_t next = next_word(packet, word, hit.direction);
  if (__builtin_expect(next != word || (is_tcp && shared_.options.check_window), 0)) {
    if (!moves_on(context, packet, hit, word, result)) return result.state != 0;
  }
  const uint32_t until = context.tick + shared_.timeouts.of(packet.tuple.proto, word);
  if (until - expiry >= kRefreshMs && !context.is_trial) set_expiry(hit.record, until, expiry);
  if (context.request.commit) {
    const uint32_t mark = commit_again(context, hit.record);
    fill(context, hit, word, result);
    result.mark = mark;
    return true;
  }
  fill(context, hit, word, result);
  return true;
}

// What a new connection is about to write: its record, and where its answers will be looked for. Those of a translated one are
// not known yet.
VSWITCH_INLINE void ConntrackWorker::prefetch_new(const Context& context, const CtProbe& probe, uint32_t nth) const noexcept {
  if (context.request.range.kind == CtNatKind::none) {
    const CtTuple& tuple = *probe.tuple;
    shared_.index.prefetch(
        ct_probe(turned(tuple), context.slot, context.request.zone, is_ct_icmp(tuple.proto), shared_.secrets).hash);
  }
  const uint32_t record = recycler_.coming(nth);
  if (record == kNoCtRecord) return;
  __builtin_prefetch(&shared_.records.hot[record], 1);
  __builtin_prefetch(&shared_.records.detail[record], 1);
  half_open_.prefetch(record);
}

VSWITCH_HOT void ConntrackWorker::track(TenantSlot slot, const CtRequest& request, const CtPacket* packets, uint32_t count,
                                        Cycles now, bool is_trial, CtResult* results) noexcept {
  const Context context{slot, is_trial, shared_.tick(now), now, request};
  const CtIndex& index = shared_.index;
  const bool checks_windows = shared_.options.check_window;
  CtProbe probe[kBurst];
  CtIndex::Hit guess[kBurst];
  for (uint32_t i = 0; i < count; ++i) {
    probe[i] = ct_probe(packets[i].tuple, slot, request.zone, may_be_icmp_reply(packets[i]), shared_.secrets);
    index.prefetch(probe[i].hash);
  }
  uint32_t missed[kBurst];
  uint32_t missing = 0;
  for (uint32_t i = 0; i < count; ++i) {
    guess[i] = index.guess(probe[i]);
    if (__builtin_expect(static_cast<bool>(guess[i]), 1)) {
      __builtin_prefetch(&shared_.records.hot[guess[i].record], 1);
      if (checks_windows) __builtin_prefetch(&shared_.records.detail[guess[i].record], 1);
    } else {
      index.prefetch_other(probe[i].hash);
      missed[missing++] = i;
    }
  }
  for (uint32_t m = 0; m < missing; ++m) {
    const uint32_t i = missed[m];
    guess[i] = index.guess_other(probe[i]);
    if (guess[i]) {
      __builtin_prefetch(&shared_.records.hot[guess[i].record], 1);
    } else if (request.commit) {
      prefetch_new(context, probe[i], m);
    }
  }
  for (uint32_t i = 0; i < count; ++i) {
    CtResult& result = results[i];
    const CtPacket& packet = packets[i];
    const bool is_plain = packet.kind <= CtKind::kIcmpReply && !packet.first_fragment && !packet.later_fragment;
    if (__builtin_expect(guess[i] && is_plain && shared_.records.matches(guess[i].record, guess[i].direction, probe[i]), 1)) {
      if (advance(context, packet, guess[i], result)) continue;
    }
    track_rest(context, packets[i], probe[i], result);
  }
}

// Whatever is not of a connection that the first guess found.
void ConntrackWorker::track_rest(const Context& context, const CtPacket& packet, const CtProbe& probe,
                                 CtResult& result) noexcept {
  result.verdict = CtVerdict::ok;
  result.state = kCtTracked | kCtNew;
  result.translate = false;
  result.mark = 0;
  if (packet.kind == CtKind::kInvalid) return invalid(context, CtCounter::invalid_header, result);
  if (packet.kind == CtKind::kUntracked) return;
  if (packet.later_fragment) return track_fragment(context, packet, result);
  if (packet.kind == CtKind::kIcmpError) return track_error(context, probe, find(context, probe), result);
  const bool is_tcp = packet.tuple.proto == kTcp;
  if (is_tcp && is_illegal(packet.tcp_flags)) return invalid(context, CtCounter::invalid_flags, result);
  remember_first(context, packet);
  const CtIndex::Hit hit = find(context, probe);
  if (hit) {
    if (track_known(context, packet, hit, result)) return;
    result.state = kCtTracked | kCtNew;  // it is over
  }
  if (packet.kind == CtKind::kIcmpReply || (is_tcp && !may_begin(packet.tcp_flags, shared_.options.loose))) {
    return invalid(context, CtCounter::invalid_no_connection, result);
  }
  if (context.request.commit) create(context, packet, probe, result);
}

void ConntrackWorker::remember_first(const Context& context, const CtPacket& packet) noexcept {
  if (!packet.first_fragment || !shared_.options.follow_fragments || context.is_trial) return;
  shared_.fragments.remember(packet, context.slot, context.request.zone, shared_.secrets, context.tick);
}

// What follows a first fragment has its connection, and changes nothing of it.
void ConntrackWorker::track_fragment(const Context& context, const CtPacket& packet, CtResult& result) noexcept {
  CtTuple tuple = packet.tuple;
  if (!shared_.options.follow_fragments ||
      !shared_.fragments.recall(packet, context.slot, context.request.zone, shared_.secrets, context.tick, tuple)) {
    result.verdict = CtVerdict::fragment;
    if (!context.is_trial) count(context.slot, CtCounter::fragments_dropped);
    return;
  }
  for (const bool icmp_reply : {false, true}) {
    const CtProbe probe = ct_probe(tuple, context.slot, context.request.zone, icmp_reply, shared_.secrets);
    if (const CtIndex::Hit hit = find(context, probe)) {
      return answer(context, hit, shared_.records.hot[hit.record].word.load(std::memory_order_acquire), result);
    }
    if (!is_ct_icmp(tuple.proto)) return;
  }
}

void ConntrackWorker::track_error(const Context& context, const CtProbe& probe, CtIndex::Hit hit, CtResult& result) noexcept {
  if (!hit && is_ct_icmp(probe.tuple->proto)) {  // about a reply, then
    hit = find(context, ct_probe(*probe.tuple, context.slot, context.request.zone, false, shared_.secrets));
  }
  if (!hit) return invalid(context, CtCounter::invalid_related_unknown, result);
  relate(context, hit, result);
}

void ConntrackWorker::relate(const Context& context, CtIndex::Hit hit, CtResult& result) const noexcept {
  const uint64_t word = shared_.records.hot[hit.record].word.load(std::memory_order_acquire);
  answer(context, hit, word, result);
  result.state = (result.state & ~(kCtNew | kCtEstablished)) | kCtRelated;
}

void ConntrackWorker::invalid(const Context& context, CtCounter cause, CtResult& result) noexcept {
  result.verdict = CtVerdict::ok;
  result.state = kCtTracked | kCtInvalid;
  result.translate = false;
  result.mark = 0;
  if (!context.is_trial) count(context.slot, cause);
}

CtIndex::Hit ConntrackWorker::find(const Context& context, const CtProbe& probe) noexcept {
  const CtIndex::Hit hit = shared_.index.find(probe, shared_.records);
  if (!hit || !is_due(shared_.records.hot[hit.record].expiry.load(std::memory_order_relaxed), context.tick)) return hit;
  if (!context.is_trial) expire(hit.record);
  return {};
}

// Changes the state. Where it returns false the packet is answered as invalid, or the connection is over (state 0).
bool ConntrackWorker::moves_on(const Context& context, const CtPacket& packet, CtIndex::Hit hit, uint64_t& word,
                               CtResult& result) noexcept {
  CtRecord& record = shared_.records.hot[hit.record];
  if (packet.tuple.proto == kTcp && shared_.options.check_window) {
    CtSide* side = shared_.records.detail[hit.record].side;
    CtSide trial[2];
    if (context.is_trial) {
      for (uint32_t i = 0; i < 2; ++i) copy_side(side[i], trial[i]);
      side = trial;
    }
    CtSide& sender = side[hit.direction];
    CtSide& receiver = side[1 - hit.direction];
    // An initiator may give up one attempt and begin another (RFC 9293, 3.8.3).
    if (ct_state_of(word) == CtState::syn_sent && hit.direction == 0 && (packet.tcp_flags & kTcpSyn) != 0) {
      begin_window(sender, receiver, packet);
    } else if (!pass_window(sender, receiver, packet)) {
      return invalid(context, CtCounter::invalid_window, result), false;
    }
  }
  while (true) {
    const uint64_t next = next_word(packet, word, hit.direction);
    if (next == word || context.is_trial) {
      word = next;
      return true;
    }
    if (record.word.compare_exchange_strong(word, next, std::memory_order_acq_rel)) {
      completed(hit.record, word, next);
      word = next;
      return true;
    }
    if (ct_life(word) != CtLife::live) {
      result.state = 0;
      return false;
    }
  }
}

void ConntrackWorker::answer(const Context& context, CtIndex::Hit hit, uint64_t word, CtResult& result) const noexcept {
  fill(context, hit, word, result);
}

bool ConntrackWorker::track_known(const Context& context, const CtPacket& packet, CtIndex::Hit hit, CtResult& result) noexcept {
  return advance(context, packet, hit, result);
}

}  // namespace vswitch
