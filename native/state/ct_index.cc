#include "state/ct_index.h"

#include <bit>
#include <utility>

namespace vswitch {
namespace {

// Two entries a record, eight places a bucket, half of them empty.
uint32_t buckets_for(uint32_t entries) { return std::bit_ceil(entries / 2 + 1); }

}  // namespace

CtIndex::CtIndex(uint32_t entries) : mask_(buckets_for(entries) - 1), buckets_(decltype(buckets_)::resident(size_t{mask_} + 1)) {}

template <typename Visit>
bool CtIndex::each(const CtProbe& probe, const CtRecords& records, Visit visit) const noexcept {
  for (const uint32_t number : {first(probe.hash), second(probe.hash)}) {
    Bucket& bucket = buckets_[number];
    for (uint32_t bits = matches(bucket, probe.tag()); bits != 0; bits &= bits - 1) {
      const uint32_t place = static_cast<uint32_t>(__builtin_ctz(bits)) >> 1;
      const uint64_t entry = bucket.place[place].load(std::memory_order_acquire);
      if (entry >> 32 != probe.tag()) continue;
      const Hit hit = hit_of(entry);
      if (!records.matches(hit.record, hit.direction, probe)) continue;
      if (ct_life(records.hot[hit.record].word.load(std::memory_order_acquire)) == CtLife::dead) continue;
      if (visit(entry, number * kPlaces + place)) return true;
    }
  }
  return false;
}

CtIndex::Hit CtIndex::find(const CtProbe& probe, const CtRecords& records) const noexcept {
  Hit found;
  each(probe, records, [&](uint64_t entry, uint32_t) {
    const Hit hit = hit_of(entry);
    if ((entry & kTentative) != 0) return false;
    if (ct_life(records.hot[hit.record].word.load(std::memory_order_acquire)) != CtLife::live) return false;
    found = hit;
    return true;
  });
  return found;
}

bool CtIndex::taken(const CtProbe& probe, const CtRecords& records) const noexcept {
  return each(probe, records, [](uint64_t entry, uint32_t) { return (entry & kTentative) == 0; });
}

// Puts the entry where there is room.
bool CtIndex::claim(const CtProbe& probe, uint64_t entry, std::atomic<uint32_t>& claimed) noexcept {
  const auto used = [&](uint32_t number) {
    uint32_t count = 0;
    for (const auto& place : buckets_[number].place) count += place.load(std::memory_order_relaxed) != 0;
    return count;
  };
  uint32_t number = first(probe.hash);
  uint32_t other = second(probe.hash);
  if (const uint32_t own = used(number); own >= kCrowded && used(other) < own) std::swap(number, other);
  for (const uint32_t bucket : {number, other}) {
    for (uint32_t place = 0; place < kPlaces; ++place) {
      uint64_t empty = 0;
      auto& value = buckets_[bucket].place[place];
      if (value.load(std::memory_order_relaxed) != 0) continue;
      claimed.store(bucket * kPlaces + place, std::memory_order_relaxed);
      if (value.compare_exchange_strong(empty, entry, std::memory_order_seq_cst)) return true;
    }
  }
  return false;
}

// Whether the tentative entry is the one that stays.
bool CtIndex::prevail(const CtProbe& probe, uint64_t entry, uint32_t place, const CtRecords& records) noexcept {
  const bool lost = each(probe, records, [&](uint64_t other, uint32_t other_place) {
    if (other_place == place) return false;
    if ((other & kTentative) == 0 || other_place < place) return true;
    uint64_t expected = other;
    if (at(other_place).compare_exchange_strong(expected, 0, std::memory_order_seq_cst)) return false;
    return expected == (other & ~kTentative);  // it has become firm meanwhile
  });
  uint64_t own = entry;
  if (lost) {
    at(place).compare_exchange_strong(own, 0, std::memory_order_seq_cst);
    return false;
  }
  return at(place).compare_exchange_strong(own, entry & ~kTentative, std::memory_order_seq_cst);
}

CtIndex::Insert CtIndex::insert(const CtProbe& probe, uint32_t record, uint32_t direction, CtRecords& records,
                                bool& shown) noexcept {
  if (taken(probe, records)) return Insert::taken;
  const uint64_t entry = uint64_t{probe.tag()} << 32 | kTentative | (direction != 0 ? kDirection : 0) | record;
  auto& place = records.hot[record].place[direction];
  if (!claim(probe, entry, place)) {
    place.store(kNoCtPlace, std::memory_order_relaxed);
    return Insert::full;
  }
  shown = true;
  if (prevail(probe, entry, place.load(std::memory_order_relaxed), records)) return Insert::done;
  place.store(kNoCtPlace, std::memory_order_relaxed);
  return Insert::taken;
}

void CtIndex::erase(uint32_t record, uint32_t direction, CtRecords& records) noexcept {
  const uint32_t place = records.hot[record].place[direction].load(std::memory_order_relaxed);
  if (place == kNoCtPlace) return;
  // The place may be another's by now: both who inserts and who removes may have come here.
  uint64_t entry = at(place).load(std::memory_order_relaxed);
  const uint64_t wanted = record | (direction != 0 ? kDirection : 0);
  if (entry != 0 && (entry & (kRecord | kDirection)) == wanted) {
    at(place).compare_exchange_strong(entry, 0, std::memory_order_release, std::memory_order_relaxed);
  }
}

}  // namespace vswitch
