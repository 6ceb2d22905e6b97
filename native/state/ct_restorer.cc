#include "state/ct_restorer.h"

#include <algorithm>
#include <cstring>

#include "state/ct_shared.h"
#include "state/ct_tcp.h"
#include "state/ct_translate.h"

namespace vswitch {
namespace {

constexpr uint32_t kMaxScale = 14;

CtTuple tuple_of(const CtSaved& saved, uint32_t direction) {
  const CtSavedEnds& ends = saved.ends[direction];
  CtTuple tuple{};
  memcpy(tuple.src, ends.src, sizeof tuple.src);
  memcpy(tuple.dst, ends.dst, sizeof tuple.dst);
  tuple.src_port = ends.src_port;
  tuple.dst_port = ends.dst_port;
  tuple.proto = saved.proto;
  tuple.family = saved.family;
  return tuple;
}

bool fits_family(const uint8_t* address, uint8_t family) {
  return family == 6 || std::all_of(address + 4, address + 16, [](uint8_t byte) { return byte == 0; });
}

bool same(const uint8_t* a, const uint8_t* b) { return memcmp(a, b, 16) == 0; }

}  // namespace

CtRestorer::CtRestorer(CtShared& shared, Cycles now) : shared_(shared), self_(*shared.workers.back()), tick_(shared.tick(now)) {}

bool CtRestorer::is_sound(const CtSaved& saved) {
  if (saved.slot >= kSlots || (saved.family != 4 && saved.family != 6) || (saved.flags & ~kCtSavedFlags) != 0) return false;
  const uint64_t flags = uint64_t{saved.flags} << kCtSavedShift;
  const bool replied = (flags & kCtSeenReply) != 0;
  const bool half_open = (flags & kCtHalfOpen) != 0;
  const auto state = static_cast<CtState>(saved.state);
  if (saved.proto == 6) {
    if (state < CtState::syn_sent || state > CtState::closed) return false;
    if (state <= CtState::syn_recv && !half_open) return false;
    if (state > CtState::syn_recv && state < CtState::closed && half_open == replied) return false;
  } else if (state != (replied ? CtState::bidirectional : CtState::first) || half_open == replied) {
    return false;
  }
  for (const CtSavedSide& side : saved.side) {
    if (side.scale > kMaxScale && side.scale != kCtNoScale) return false;
  }
  const CtSavedEnds& original = saved.ends[0];
  const CtSavedEnds& reply = saved.ends[1];
  for (const CtSavedEnds& ends : saved.ends) {
    if (!fits_family(ends.src, saved.family) || !fits_family(ends.dst, saved.family)) return false;
    if (is_ct_icmp(saved.proto) && ends.src_port != ends.dst_port) return false;
  }
  const bool source = (flags & kCtHasSourceNat) != 0;
  const bool destination = (flags & kCtHasDestinationNat) != 0;
  if (source && destination) return false;
  if ((flags & kCtUsesMapping) != 0 && !(source && has_ct_ports(saved.proto))) return false;
  const bool identifier = source && is_ct_icmp(saved.proto);
  if (!source && (!same(reply.dst, original.src) || reply.dst_port != original.src_port)) return false;
  return destination || (same(reply.src, original.dst) && (identifier || reply.src_port == original.dst_port));
}

bool CtRestorer::admit(TenantSlot slot, uint16_t zone, bool half_open) {
  CtCaps& caps = shared_.caps;
  const auto most = [](uint32_t value) { return value != 0 ? value : UINT32_MAX; };
  const size_t at = CtCaps::zone_at(slot, zone);
  if (!take_below(caps.zone_entries[at], most(caps.zones[at].max_entries.load(std::memory_order_relaxed)))) return false;
  if (take_below(caps.tenants[slot].entries, most(caps.limits[slot].entries))) {
    if (!half_open || take_below(caps.tenants[slot].half_open, most(caps.limits[slot].half_open))) {
      if (take_below(caps.entries, caps.max_entries)) return true;
      if (half_open) caps.tenants[slot].half_open.fetch_sub(1, std::memory_order_relaxed);
    }
    caps.tenants[slot].entries.fetch_sub(1, std::memory_order_relaxed);
  }
  caps.zone_entries[at].fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void CtRestorer::dismiss(TenantSlot slot, uint16_t zone, bool half_open) {
  CtCaps& caps = shared_.caps;
  caps.zone_entries[CtCaps::zone_at(slot, zone)].fetch_sub(1, std::memory_order_relaxed);
  caps.tenants[slot].entries.fetch_sub(1, std::memory_order_relaxed);
  if (half_open) caps.tenants[slot].half_open.fetch_sub(1, std::memory_order_relaxed);
  caps.entries.fetch_sub(1, std::memory_order_relaxed);
}

void CtRestorer::fill(uint32_t record, const CtSaved& saved, uint64_t word) {
  CtRecord& made = shared_.records.hot[record];
  CtDetail& detail = shared_.records.detail[record];
  made.word.store(with_life(word, CtLife::pending), std::memory_order_release);
  for (auto& place : made.place) place.store(kNoCtPlace, std::memory_order_relaxed);
  made.mark.store(saved.mark, std::memory_order_relaxed);
  made.mapping.store(0, std::memory_order_relaxed);
  const uint32_t until = tick_ + std::min(saved.timeout_ms, shared_.timeouts.of(saved.proto, word));
  made.expiry.store(until, std::memory_order_relaxed);
  shared_.records.wake[record].store(until, std::memory_order_relaxed);
  for (uint32_t i = 0; i < 2; ++i) {
    detail.label[i].store(ct_word(saved.label + 8 * i), std::memory_order_relaxed);
    detail.side[i].end.store(saved.side[i].end, std::memory_order_relaxed);
    detail.side[i].limit.store(saved.side[i].limit, std::memory_order_relaxed);
    detail.side[i].max_window.store(saved.side[i].max_window, std::memory_order_relaxed);
    detail.side[i].scale.store(saved.side[i].scale, std::memory_order_relaxed);
    // It may have gone on since, by more than a window.
    if (saved.proto == 6 && ct_state_of(word) >= CtState::established) make_stale(detail.side[i]);
  }
}

// The mapping of the connection, as it was.
bool CtRestorer::join(uint32_t record, TenantSlot slot, uint16_t zone, const CtTuple& from, const CtTuple& to) {
  CtRequest request;
  request.zone = zone;
  const ConntrackWorker::Context context{slot, false, tick_, 0, request};
  uint32_t mapping;
  CtTuple now;
  if (self_.join_mapping(context, from, now, mapping)) {
    shared_.records.hot[record].mapping.store(mapping + 1, std::memory_order_relaxed);
    if (same(now.src, to.src) && now.src_port == to.src_port) return true;
    self_.leave_mapping(record);
    return false;
  }
  if (self_.make_mapping(context, from, to, mapping) != CtIndex::Insert::done) return false;
  shared_.records.hot[record].mapping.store(mapping + 1, std::memory_order_relaxed);
  return true;
}

bool CtRestorer::restore(const CtSaved& saved) {
  if (!is_sound(saved)) return false;
  const uint64_t flags = uint64_t{saved.flags} << kCtSavedShift;
  const bool half_open = (flags & kCtHalfOpen) != 0;
  if (!admit(saved.slot, saved.zone, half_open)) return false;
  const uint32_t record = self_.recycler_.take();
  if (record == kNoCtRecord) return dismiss(saved.slot, saved.zone, half_open), false;
  CtRecord& made = shared_.records.hot[record];
  uint64_t word = ((made.word.load(std::memory_order_relaxed) >> 32) + 1) << 32 | uint64_t{self_.index_} << 24 | flags;
  word = with_state(word, static_cast<CtState>(saved.state));
  fill(record, saved, word);
  const CtTuple original = tuple_of(saved, 0);
  const CtTuple reply = tuple_of(saved, 1);
  const CtProbe probe = ct_probe(original, saved.slot, saved.zone, false, shared_.secrets);
  const CtProbe reply_probe = ct_probe(reply, saved.slot, saved.zone, is_ct_icmp(saved.proto), shared_.secrets);
  shared_.records.set_endpoints(record, 0, probe);
  shared_.records.set_endpoints(record, 1, reply_probe);
  if ((flags & kCtUsesMapping) != 0 && !join(record, saved.slot, saved.zone, original, turned(reply))) {
    made.word.store(with_life(word, CtLife::dead), std::memory_order_release);
    self_.recycler_.put_back(record);
    return dismiss(saved.slot, saved.zone, half_open), false;
  }
  bool shown = false;
  const bool talks_to_itself = probe.key == reply_probe.key && same(original.src, reply.src) && same(original.dst, reply.dst);
  if (talks_to_itself || shared_.index.insert(reply_probe, record, 1, shared_.records, shown) == CtIndex::Insert::done) {
    made.word.store(with_life(word, CtLife::live), std::memory_order_release);
    if (shared_.index.insert(probe, record, 0, shared_.records, shown) == CtIndex::Insert::done) {
      self_.count(saved.slot, CtCounter::created);
      return true;
    }
  }
  dismiss(saved.slot, saved.zone, half_open);
  self_.discard(record, shown);
  return false;
}

}  // namespace vswitch
