// The end of connections: found late by the sweep, or evicted, flushed and replaced.
#include <algorithm>

#include "state/ct_shared.h"
#include "state/ct_worker.h"

namespace vswitch {
namespace {

// Of a slice of the sweep.
constexpr uint32_t kRemovals = 16;
constexpr uint32_t kScans = 2048;
constexpr uint32_t kWakeMs = 60'000;  // a time-out that becomes shorter while the sweep looks is seen after this at the latest
constexpr uint32_t kStale = 16;       // list entries passed over in search of one to evict

}  // namespace

bool ConntrackWorker::remove(uint32_t record, uint64_t needed, CtCounter why) noexcept {
  CtRecord& removed = shared_.records.hot[record];
  uint64_t word = removed.word.load(std::memory_order_acquire);
  do {
    if (ct_life(word) != CtLife::live || (word & needed) != needed) return false;
  } while (!removed.word.compare_exchange_weak(word, with_life(word, CtLife::dead), std::memory_order_seq_cst));
  const uint64_t high = removed.key[0][1].load(std::memory_order_relaxed);
  const TenantSlot slot = ct_slot(high);
  for (uint32_t direction = 0; direction < 2; ++direction) shared_.index.erase(record, direction, shared_.records);
  CtCaps& caps = shared_.caps;
  caps.zone_entries[CtCaps::zone_at(slot, ct_zone(high))].fetch_sub(1, std::memory_order_relaxed);
  caps.tenants[slot].entries.fetch_sub(1, std::memory_order_relaxed);
  caps.entries.fetch_sub(1, std::memory_order_relaxed);
  if ((word & kCtHalfOpen) != 0) completed(record, word, word & ~uint64_t{kCtHalfOpen});
  if ((word & kCtUsesMapping) != 0) leave_mapping(record);
  if (why == CtCounter::expired && ct_state_of(word) >= CtState::time_wait) why = CtCounter::closed;
  count(slot, why);
  recycler_.retire(record);
  return true;
}

// After a change of the word.
void ConntrackWorker::completed(uint32_t record, uint64_t before, uint64_t after) noexcept {
  if (((before ^ after) & kCtHalfOpen) == 0) return;
  const TenantSlot slot = ct_slot(shared_.records.hot[record].key[0][1].load(std::memory_order_relaxed));
  shared_.caps.tenants[slot].half_open.fetch_sub(1, std::memory_order_relaxed);
  if (ct_maker(before) == index_) half_open_.remove(record);
}

bool ConntrackWorker::expire(uint32_t record) noexcept { return remove(record, 0, CtCounter::expired); }

// Makes room for the tenant: its oldest half-open connection that this worker made.
bool ConntrackWorker::evict(TenantSlot slot) noexcept {
  for (uint32_t i = 0; i < kStale; ++i) {
    const uint32_t record = half_open_.oldest(slot);
    if (record == CtHalfOpenLists::kNone) return false;
    const CtRecord& oldest = shared_.records.hot[record];
    // Whoever uses the record now may be another worker, or another tenant.
    const bool is_own = ct_maker(oldest.word.load(std::memory_order_acquire)) == index_ &&
                        ct_slot(oldest.key[0][1].load(std::memory_order_relaxed)) == slot;
    half_open_.remove(record);
    if (is_own && remove(record, kCtHalfOpen, CtCounter::evicted)) return true;
  }
  return false;
}

void ConntrackWorker::set_expiry(uint32_t record, uint32_t at, uint32_t old) noexcept {
  shared_.records.hot[record].expiry.store(at, std::memory_order_relaxed);
  if (is_due(at, old)) shared_.records.wake[record].store(at, std::memory_order_relaxed);  // the sweep is to come earlier
}

bool ConntrackWorker::sweep(Cycles now) noexcept {
  recycler_.release();
  const uint64_t range = last_ - first_;
  if (range == 0) return false;
  const Cycles second = shared_.options.cycles_per_second;
  if (now - swept_ < slice_) return false;
  if (now - swept_ > second) swept_ = now - second;
  const uint64_t behind = range * (now - swept_) / second;
  const uint64_t owed = std::min<uint64_t>(behind, kScans);
  const uint32_t tick = shared_.tick(now);
  uint32_t due[kRemovals];
  uint32_t found = 0;
  uint64_t scanned = 0;
  for (; scanned < owed && found < kRemovals; ++scanned) {
    const uint32_t record = cursor_;
    cursor_ = cursor_ + 1 == last_ ? first_ : cursor_ + 1;
    if (!is_due(shared_.records.wake[record].load(std::memory_order_relaxed), tick)) continue;
    __builtin_prefetch(&shared_.records.hot[record], 1);
    due[found++] = record;
  }
  swept_ += scanned * second / range;
  for (uint32_t i = 0; i < found; ++i) look_at(due[i], tick);
  return scanned < behind;
}

void ConntrackWorker::look_at(uint32_t record, uint32_t tick) noexcept {
  const CtRecord& sleeper = shared_.records.hot[record];
  uint32_t next = tick + kWakeMs;
  const uint64_t word = sleeper.word.load(std::memory_order_acquire);
  if (ct_life(word) == CtLife::live) {
    const uint32_t expiry = sleeper.expiry.load(std::memory_order_relaxed);
    if (is_due(expiry, tick)) {
      (word & kCtIsMapping) != 0 ? expire_mapping(record, tick) : static_cast<void>(expire(record));
    } else if (!is_due(next, expiry)) {
      next = expiry;
    }
  }
  shared_.records.wake[record].store(next, std::memory_order_relaxed);
}

}  // namespace vswitch
