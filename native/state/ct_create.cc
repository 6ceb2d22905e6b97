// A new connection: whether it may be, which translation it gets, and how it comes into the index.
#include "state/ct_shared.h"
#include "state/ct_tcp.h"
#include "state/ct_translate.h"
#include "state/ct_worker.h"

namespace vswitch {
namespace {

// Threads that insert the same connection at once yield to each other; then one finds the other's.
constexpr uint32_t kAttempts = 4;

bool wants_nat(const CtRequest& request, const CtTuple& tuple) noexcept {
  return request.nat && request.range.kind != CtNatKind::none && request.range.family == tuple.family;
}

CtCounter counter_of(CtVerdict verdict) noexcept {
  return static_cast<CtCounter>(static_cast<uint32_t>(CtCounter::table_full) + static_cast<uint32_t>(verdict) - 1);
}
static_assert(static_cast<uint32_t>(CtCounter::nat_exhausted) - static_cast<uint32_t>(CtCounter::table_full) ==
              static_cast<uint32_t>(CtVerdict::nat_exhausted) - static_cast<uint32_t>(CtVerdict::table_full));

uint64_t label_word(const uint8_t* label, uint32_t half) noexcept { return ct_word(label + 8 * half); }

bool same_endpoints(const CtTuple& a, const CtTuple& b) noexcept {
  return memcmp(a.src, b.src, sizeof a.src) == 0 && memcmp(a.dst, b.dst, sizeof a.dst) == 0 && a.src_port == b.src_port &&
         a.dst_port == b.dst_port;
}

// 1:1 is so by itself; ICMP's identifiers are nobody's endpoints.
bool is_mapped(const CtNat& nat, const CtTuple& tuple) noexcept {
  return nat.persistent && nat.kind == CtNatKind::src && nat.prefix_bits == 0 && has_ct_ports(tuple.proto);
}

// Twice, so that ports in a row are not spread in even steps, which may miss one of a few servers.
uint64_t spread(uint64_t address, uint64_t ports, const CtSecrets& secrets) noexcept {
  return fold(fold(address ^ secrets.word[4], ports ^ secrets.word[5]) ^ secrets.word[2], secrets.word[3] | 1);
}

// What a request's translation hangs on; with random on nothing that a sender knows.
CtNatSeed seed_of(const CtNat& nat, const CtTuple& tuple, const CtSecrets& secrets, uint32_t random) noexcept {
  const bool is_source = nat.kind == CtNatKind::src;
  CtTuple inside{};  // a client keeps its address (RFC 4787, REQ-2), and to a range of servers the server it had
  memcpy(inside.src, tuple.src, sizeof inside.src);
  const uint64_t address = ct_address_hash(inside, secrets);
  const bool by_destination = is_source && !nat.persistent;
  if (by_destination) memcpy(inside.dst, tuple.dst, sizeof inside.dst);
  const uint64_t ports = uint64_t{tuple.src_port} << 16 | (nat.persistent ? 0 : tuple.dst_port) | uint64_t{random} << 32;
  const uint64_t port = spread(ct_address_hash(inside, secrets), ports, secrets);
  if (is_source || nat.persistent) return {address, port};
  return {spread(address, ports, secrets), port};
}

}  // namespace

void ConntrackWorker::refuse(const Context& context, CtVerdict verdict, CtResult& result) noexcept {
  result.verdict = verdict;
  if (!context.is_trial) count(context.slot, counter_of(verdict));
}

CtVerdict ConntrackWorker::would_admit(const Context& context) const noexcept {
  CtCaps& caps = shared_.caps;
  const CtLimit& limit = caps.limits[context.slot];
  const size_t zone = CtCaps::zone_at(context.slot, context.request.zone);
  const uint32_t zone_entries = caps.zones[zone].max_entries.load(std::memory_order_relaxed);
  if (zone_entries != 0 && caps.zone_entries[zone].load(std::memory_order_relaxed) >= zone_entries) return CtVerdict::zone_full;
  const CtTenant& tenant = caps.tenants[context.slot];
  if (tenant.half_open.load(std::memory_order_relaxed) != 0) return CtVerdict::ok;  // one makes room
  if (limit.entries != 0 && tenant.entries.load(std::memory_order_relaxed) >= limit.entries) return CtVerdict::tenant_full;
  return caps.entries.load(std::memory_order_relaxed) >= caps.max_entries ? CtVerdict::table_full : CtVerdict::ok;
}

// Takes a place under every limit, or under none. Rates come first: who is over them evicts nothing.
CtVerdict ConntrackWorker::admit(const Context& context) noexcept {
  CtCaps& caps = shared_.caps;
  const CtLimit& limit = caps.limits[context.slot];
  CtTenant& tenant = caps.tenants[context.slot];
  const size_t at = CtCaps::zone_at(context.slot, context.request.zone);
  CtZone& zone = caps.zones[at];
  const uint32_t zone_rate = zone.new_per_second.load(std::memory_order_relaxed);
  if (zone_rate != 0 && !CtRate::take(zone.full_at, zone_rate, context.now, caps.second, context.is_trial)) {
    return CtVerdict::rate_exceeded;
  }
  if (limit.new_per_second != 0 &&
      !CtRate::take(tenant.full_at, limit.new_per_second, context.now, caps.second, context.is_trial)) {
    return CtVerdict::rate_exceeded;
  }
  if (context.is_trial) return would_admit(context);
  const auto most = [](uint32_t value) { return value != 0 ? value : UINT32_MAX; };
  if (!take_below(caps.zone_entries[at], most(zone.max_entries.load(std::memory_order_relaxed)))) return CtVerdict::zone_full;
  // Two, so that what is over a limit comes down.
  for (uint32_t i = 0; i < 2 && caps.half_open_full(context.slot) && evict(context.slot); ++i) {
  }
  // Where there are more workers the half-open ones may be another's, which evicts them with its next.
  const uint32_t slack = shared_.options.workers > 1 ? limit.half_open / 8 + 1 : 0;
  if (!take_below(tenant.half_open, limit.half_open != 0 ? limit.half_open + slack : UINT32_MAX)) {
    caps.zone_entries[at].fetch_sub(1, std::memory_order_relaxed);
    return CtVerdict::tenant_full;
  }
  const uint32_t entries = most(limit.entries);
  CtVerdict verdict = CtVerdict::ok;
  if (!take_below(tenant.entries, entries) && !(evict(context.slot) && take_below(tenant.entries, entries))) {
    verdict = CtVerdict::tenant_full;
  } else if (!take_below(caps.entries, caps.max_entries) &&
             !(evict(context.slot) && take_below(caps.entries, caps.max_entries))) {
    tenant.entries.fetch_sub(1, std::memory_order_relaxed);
    verdict = CtVerdict::table_full;
  }
  if (verdict != CtVerdict::ok) {
    tenant.half_open.fetch_sub(1, std::memory_order_relaxed);
    caps.zone_entries[at].fetch_sub(1, std::memory_order_relaxed);
  }
  return verdict;
}

void ConntrackWorker::dismiss(const Context& context) noexcept {
  CtCaps& caps = shared_.caps;
  caps.zone_entries[CtCaps::zone_at(context.slot, context.request.zone)].fetch_sub(1, std::memory_order_relaxed);
  caps.tenants[context.slot].half_open.fetch_sub(1, std::memory_order_relaxed);
  caps.tenants[context.slot].entries.fetch_sub(1, std::memory_order_relaxed);
  caps.entries.fetch_sub(1, std::memory_order_relaxed);
}

void ConntrackWorker::create(const Context& context, const CtPacket& packet, const CtProbe& probe, CtResult& result) noexcept {
  const CtVerdict verdict = admit(context);
  if (verdict != CtVerdict::ok) return refuse(context, verdict, result);
  if (context.is_trial) return try_create(context, probe, result);
  for (uint32_t attempt = 0; attempt < kAttempts; ++attempt) {
    const uint32_t record = make(context, packet, probe);
    CtIndex::Insert inserted = CtIndex::Insert::full;
    CtTuple to;
    bool shown = false;
    if (record != kNoCtRecord) inserted = show(context, probe, record, to, shown);
    const bool exhausted = inserted == CtIndex::Insert::taken && wants_nat(context.request, packet.tuple);
    if (inserted == CtIndex::Insert::done) {
      CtRecord& made = shared_.records.hot[record];
      // Live before it is found by its own packets: who finds it there may use it.
      made.word.store(with_life(made.word.load(std::memory_order_relaxed), CtLife::live), std::memory_order_release);
      inserted = shared_.index.insert(probe, record, 0, shared_.records, shown);
      if (inserted == CtIndex::Insert::done) {
        const uint64_t word = made.word.load(std::memory_order_seq_cst);
        if (ct_life(word) != CtLife::live) shared_.index.erase(record, 0, shared_.records);
        half_open_.append(context.slot, record);
        count(context.slot, CtCounter::created);
        return answer(context, {record, 0}, word, result);
      }
    }
    if (record != kNoCtRecord && !discard(record, shown)) {
      count(context.slot, CtCounter::created);  // and flushed, by who gave its places back
      return refuse(context, CtVerdict::table_full, result);
    }
    if (inserted == CtIndex::Insert::full) {
      dismiss(context);
      return refuse(context, CtVerdict::table_full, result);
    }
    const CtIndex::Hit hit = find(context, probe);
    if (hit) {
      dismiss(context);
      if (!track_known(context, packet, hit, result)) refuse(context, CtVerdict::table_full, result);
      return;
    }
    if (exhausted) break;
  }
  dismiss(context);
  // Its answers could not be told from another's.
  refuse(context, CtVerdict::nat_exhausted, result);
}

// What create() would answer.
void ConntrackWorker::try_create(const Context& context, const CtProbe& probe, CtResult& result) noexcept {
  const CtRequest& request = context.request;
  result.mark = request.mark & request.mark_mask;
  if (!wants_nat(request, *probe.tuple)) return;
  const CtNatSeed seed = seed_of(request.range, *probe.tuple, shared_.secrets, request.range.random ? random_.next() : 0);
  uint32_t mapping;
  const bool is_persistent = is_mapped(request.range, *probe.tuple);
  const bool mapped = is_persistent && see_mapping(context, *probe.tuple, result.to, mapping);
  for (uint32_t attempt = 0; mapped || translate(request.range, *probe.tuple, seed, attempt, result.to); ++attempt) {
    const CtTuple reply = turned(result.to);
    if (!mapped && same_endpoints(reply, *probe.tuple)) continue;
    const CtProbe answers = ct_probe(reply, context.slot, request.zone, is_ct_icmp(reply.proto), shared_.secrets);
    if (is_persistent && !mapped ? is_outside_taken(context, result.to) : shared_.index.taken(answers, shared_.records)) {
      if (mapped) break;
      continue;
    }
    result.translate = true;
    result.state |= request.range.kind == CtNatKind::src ? kCtSourceNat : kCtDestinationNat;
    return;
  }
  result.verdict = CtVerdict::nat_exhausted;
}

uint32_t ConntrackWorker::make(const Context& context, const CtPacket& packet, const CtProbe& probe) noexcept {
  const uint32_t record = recycler_.take();
  if (record == kNoCtRecord) return record;
  half_open_.remove(record);  // of its last life
  CtRecord& made = shared_.records.hot[record];
  const CtRequest& request = context.request;
  const bool is_tcp = packet.tuple.proto == 6;
  const CtState state = !is_tcp ? CtState::first : (packet.tcp_flags & kTcpSyn) != 0 ? CtState::syn_sent : CtState::established;
  uint64_t word = ((made.word.load(std::memory_order_relaxed) >> 32) + 1) << 32 | uint64_t{index_} << 24 | kCtHalfOpen;
  if (wants_nat(request, packet.tuple)) {
    word |= request.range.kind == CtNatKind::src ? kCtHasSourceNat : kCtHasDestinationNat;
  }
  word = with_state(with_life(word, CtLife::pending), state);
  made.word.store(word, std::memory_order_release);
  shared_.records.set_endpoints(record, 0, probe);
  for (auto& place : made.place) place.store(kNoCtPlace, std::memory_order_relaxed);
  made.mark.store(request.mark & request.mark_mask, std::memory_order_relaxed);
  made.mapping.store(0, std::memory_order_relaxed);
  CtDetail& detail = shared_.records.detail[record];
  for (uint32_t half = 0; half < 2; ++half) {
    detail.label[half].store(label_word(request.label, half) & label_word(request.label_mask, half), std::memory_order_relaxed);
  }
  if (is_tcp && shared_.options.check_window) begin_window(detail.side[0], detail.side[1], packet);
  const uint32_t until = context.tick + shared_.timeouts.of(packet.tuple.proto, word);
  made.expiry.store(until, std::memory_order_relaxed);
  shared_.records.wake[record].store(until, std::memory_order_relaxed);
  return record;
}

CtIndex::Insert ConntrackWorker::show(const Context& context, const CtProbe& probe, uint32_t record, CtTuple& to,
                                      bool& shown) noexcept {
  const CtRequest& request = context.request;
  const CtTuple& from = *probe.tuple;
  const bool nat = wants_nat(request, from);
  const CtNatSeed seed =
      nat ? seed_of(request.range, from, shared_.secrets, request.range.random ? random_.next() : 0) : CtNatSeed{};
  if (nat && is_mapped(request.range, from)) return show_mapped(context, probe, record, seed, to, shown);
  CtIndex::Insert inserted = CtIndex::Insert::taken;
  for (uint32_t attempt = 0; inserted == CtIndex::Insert::taken; ++attempt) {
    to = from;
    if (nat ? !translate(request.range, from, seed, attempt, to) : attempt != 0) break;
    const CtTuple reply = turned(to);
    const CtProbe reply_probe = ct_probe(reply, context.slot, request.zone, is_ct_icmp(reply.proto), shared_.secrets);
    shared_.records.set_endpoints(record, 1, reply_probe);
    if (reply_probe.key == probe.key && same_endpoints(reply, from)) {
      if (nat) continue;
      return CtIndex::Insert::done;  // who talks to itself is found once
    }
    inserted = shared_.index.insert(reply_probe, record, 1, shared_.records, shown);
  }
  return inserted;
}

// One that did not become a connection. false: it was shown, and somebody removed it already.
bool ConntrackWorker::discard(uint32_t record, bool shown) noexcept {
  CtRecord& made = shared_.records.hot[record];
  uint64_t word = made.word.load(std::memory_order_relaxed);
  if (ct_life(word) == CtLife::dead || !made.word.compare_exchange_strong(word, with_life(word, CtLife::dead))) return false;
  shared_.index.erase(record, 1, shared_.records);
  if ((word & kCtUsesMapping) != 0) leave_mapping(record);
  if (shown) {
    recycler_.retire(record);
  } else {
    recycler_.put_back(record);
  }
  return true;
}

uint32_t ConntrackWorker::commit_again(const Context& context, uint32_t record) noexcept {
  const CtRequest& request = context.request;
  auto& mark = shared_.records.hot[record].mark;
  uint32_t old = mark.load(std::memory_order_relaxed);
  const auto marked = [&] { return (old & ~request.mark_mask) | (request.mark & request.mark_mask); };
  if (context.is_trial) return marked();
  while (marked() != old && !mark.compare_exchange_weak(old, marked(), std::memory_order_relaxed)) {
  }
  for (uint32_t half = 0; half < 2; ++half) {
    const uint64_t mask = label_word(request.label_mask, half);
    auto& label = shared_.records.detail[record].label[half];
    if (mask == 0) continue;
    uint64_t before = label.load(std::memory_order_relaxed);
    while (!label.compare_exchange_weak(before, (before & ~mask) | (label_word(request.label, half) & mask),
                                        std::memory_order_relaxed)) {
    }
  }
  return marked();
}

}  // namespace vswitch
