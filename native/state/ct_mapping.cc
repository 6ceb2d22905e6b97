// Endpoint-independent mappings (RFC 4787, 4.1): an inside address and port has one outside address and port, whatever it talks
// to, and nobody else's persistent connections have that one. A mapping is a record of the same table, found by its inside
// endpoint (with no destination) and by its outside endpoint (with no source), so that both are unique by how the index inserts.
// It takes an entry, is no connection, and lasts while a connection uses it and up to two minutes longer.
#include "state/ct_shared.h"
#include "state/ct_translate.h"
#include "state/ct_worker.h"

namespace vswitch {
namespace {

constexpr uint32_t kLingerMs = 120'000;  // RFC 4787, REQ-5
constexpr uint32_t kGone = UINT32_MAX;   // in the place of the users: nobody joins any more
constexpr uint32_t kAttempts = 4;

CtTuple inside_of(const CtTuple& from) noexcept {
  CtTuple inside = from;
  memset(inside.dst, 0, sizeof inside.dst);
  inside.dst_port = 0;
  return inside;
}

CtTuple outside_of(const CtTuple& to) noexcept { return turned(inside_of(to)); }

}  // namespace

// Only ICMP's keys have this bit otherwise, and ICMP has no mappings.
CtProbe ConntrackWorker::mapping_probe(const Context& context, const CtTuple& endpoint) const noexcept {
  return ct_probe(endpoint, context.slot, context.request.zone, true, shared_.secrets);
}

bool ConntrackWorker::see_mapping(const Context& context, const CtTuple& from, CtTuple& to, uint32_t& mapping) const noexcept {
  const CtTuple inside = inside_of(from);
  const CtIndex::Hit hit = shared_.index.find(mapping_probe(context, inside), shared_.records);
  if (!hit) return false;
  mapping = hit.record;
  const CtTuple outside = shared_.records.endpoints(hit.record, 1);
  to = from;
  memcpy(to.src, outside.dst, sizeof to.src);
  to.src_port = outside.dst_port;
  return true;
}

// Counts one more user of the mapping of the inside endpoint, if it has one.
bool ConntrackWorker::join_mapping(const Context& context, const CtTuple& from, CtTuple& to, uint32_t& mapping) noexcept {
  if (!see_mapping(context, from, to, mapping)) return false;
  CtRecord& found = shared_.records.hot[mapping];
  uint32_t users = found.mapping.load(std::memory_order_relaxed);
  do {
    if (users == kGone) return false;
  } while (!found.mapping.compare_exchange_weak(users, users + 1, std::memory_order_acq_rel));
  found.expiry.store(context.tick + kLingerMs, std::memory_order_relaxed);
  return true;
}

// Of a connection that ends, or did not begin.
void ConntrackWorker::leave_mapping(uint32_t record) noexcept {
  const uint32_t mapping = shared_.records.hot[record].mapping.exchange(0, std::memory_order_relaxed);
  if (mapping != 0) shared_.records.hot[mapping - 1].mapping.fetch_sub(1, std::memory_order_acq_rel);
}

// By another mapping, or the answers of the connection by another connection.
bool ConntrackWorker::is_outside_taken(const Context& context, const CtTuple& to) const noexcept {
  const CtTuple reply = turned(to);
  const CtProbe probe = ct_probe(reply, context.slot, context.request.zone, false, shared_.secrets);
  if (shared_.index.taken(probe, shared_.records)) return true;
  const CtTuple outside = outside_of(to);
  return shared_.index.taken(mapping_probe(context, outside), shared_.records);
}

// For one user. taken: the outside endpoint is another's, or the inside one has a mapping by now.
CtIndex::Insert ConntrackWorker::make_mapping(const Context& context, const CtTuple& from, const CtTuple& to,
                                              uint32_t& mapping) noexcept {
  const CtTuple inside = inside_of(from);
  const CtTuple outside = outside_of(to);
  const CtProbe inside_probe = mapping_probe(context, inside);
  const CtProbe outside_probe = mapping_probe(context, outside);
  if (!shared_.caps.take_plain(context.slot, context.request.zone)) return CtIndex::Insert::full;
  mapping = recycler_.take();
  if (mapping == kNoCtRecord) {
    shared_.caps.give_plain(context.slot, context.request.zone);
    return CtIndex::Insert::full;
  }
  half_open_.remove(mapping);
  CtRecord& made = shared_.records.hot[mapping];
  const uint64_t word =
      ((made.word.load(std::memory_order_relaxed) >> 32) + 1) << 32 | uint64_t{index_} << 24 | kCtSeenReply | kCtIsMapping;
  made.word.store(with_life(word, CtLife::pending), std::memory_order_release);
  for (auto& place : made.place) place.store(kNoCtPlace, std::memory_order_relaxed);
  made.mapping.store(1, std::memory_order_relaxed);
  made.expiry.store(context.tick + kLingerMs, std::memory_order_relaxed);
  shared_.records.wake[mapping].store(context.tick + kLingerMs, std::memory_order_relaxed);
  shared_.records.set_endpoints(mapping, 0, inside_probe);
  shared_.records.set_endpoints(mapping, 1, outside_probe);
  bool shown = false;
  CtIndex::Insert inserted = shared_.index.insert(outside_probe, mapping, 1, shared_.records, shown);
  if (inserted == CtIndex::Insert::done) {
    made.word.store(with_life(word, CtLife::live), std::memory_order_release);
    inserted = shared_.index.insert(inside_probe, mapping, 0, shared_.records, shown);
  }
  if (inserted == CtIndex::Insert::done) {
    count(context.slot, CtCounter::created);
    return inserted;
  }
  made.mapping.store(0, std::memory_order_relaxed);
  discard(mapping, shown);
  shared_.caps.give_plain(context.slot, context.request.zone);
  return inserted;
}

// As show(), for a persistent translation.
CtIndex::Insert ConntrackWorker::show_mapped(const Context& context, const CtProbe& probe, uint32_t record, const CtNatSeed& seed,
                                             CtTuple& to, bool& shown) noexcept {
  const CtTuple& from = *probe.tuple;
  uint32_t mapping = kNoCtRecord;
  bool joined = false;
  for (uint32_t i = 0; i < kAttempts && !joined; ++i) {
    joined = join_mapping(context, from, to, mapping);
    bool was_slower = false;
    for (uint32_t attempt = 0; !joined && !was_slower && translate(context.request.range, from, seed, attempt, to); ++attempt) {
      if (is_outside_taken(context, to)) continue;
      const CtIndex::Insert made = make_mapping(context, from, to, mapping);
      if (made == CtIndex::Insert::full) return made;
      joined = made == CtIndex::Insert::done;
      CtTuple other;
      was_slower = !joined && see_mapping(context, from, other, mapping);  // it has one by now: join
    }
    if (!joined && !was_slower) break;
  }
  if (!joined) return CtIndex::Insert::taken;
  CtRecord& made = shared_.records.hot[record];
  made.mapping.store(mapping + 1, std::memory_order_relaxed);
  made.word.fetch_or(kCtUsesMapping, std::memory_order_relaxed);
  const CtTuple reply = turned(to);
  const CtProbe reply_probe = ct_probe(reply, context.slot, context.request.zone, false, shared_.secrets);
  shared_.records.set_endpoints(record, 1, reply_probe);
  return shared_.index.insert(reply_probe, record, 1, shared_.records, shown);
}

bool ConntrackWorker::remove_mapping(uint32_t record, CtCounter why) noexcept {
  uint32_t users = 0;
  auto& mapping = shared_.records.hot[record].mapping;
  return mapping.compare_exchange_strong(users, kGone, std::memory_order_acq_rel) && remove(record, kCtIsMapping, why);
}

// By the sweep.
void ConntrackWorker::expire_mapping(uint32_t record, uint32_t tick) noexcept {
  if (remove_mapping(record, CtCounter::expired)) return;
  shared_.records.hot[record].expiry.store(tick + kLingerMs, std::memory_order_relaxed);
}

}  // namespace vswitch
