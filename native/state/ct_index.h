// Where connections are found: a hash table of buckets of one cache line, shared by all threads, without locks.
//
// A key has two buckets, its own and another; each has eight places {tag 32, tentative 1, direction 1, record 30}. A look-up
// compares at most 16 tags. Nothing is ever moved. Load is at most a half, and a key goes to its other bucket only where its own
// is nearly full, so that nearly all are found in the first line.
//
// An entry is in the index once, though two threads may insert the same key at the same moment: an entry is at first tentative,
// which look-ups pass over. Then its owner looks for the same key elsewhere. It yields to one that is not tentative, and to a
// tentative one in an earlier place; a tentative one in a later place it removes. Then it makes its own one firm, by compare-and-
// swap, which fails where another has removed it. So of those that see each other one is left, and one that did not see the other
// is seen by it.
#pragma once

#include <immintrin.h>

#include <atomic>
#include <cstdint>

#include "base/hot.h"
#include "base/zeroed.h"
#include "state/ct_record.h"

namespace vswitch {

class CtIndex {
 public:
  struct Hit {
    uint32_t record = kNoCtRecord;
    uint32_t direction = 0;
    explicit operator bool() const noexcept { return record != kNoCtRecord; }
  };
  enum class Insert : uint8_t { done, taken, full };

  // For `entries` records in both directions.
  explicit CtIndex(uint32_t entries);

  VSWITCH_INLINE void prefetch(uint64_t hash) const noexcept { __builtin_prefetch(&buckets_[first(hash)]); }
  VSWITCH_INLINE void prefetch_other(uint64_t hash) const noexcept { __builtin_prefetch(&buckets_[second(hash)]); }
  // What may be it, judged by its tag alone.
  VSWITCH_INLINE Hit guess(const CtProbe& probe) const noexcept { return guess_in(buckets_[first(probe.hash)], probe.tag()); }
  VSWITCH_INLINE Hit guess_other(const CtProbe& probe) const noexcept {
    return guess_in(buckets_[second(probe.hash)], probe.tag());
  }
  // The live record of the key.
  [[nodiscard]] Hit find(const CtProbe& probe, const CtRecords& records) const noexcept;
  // Whether an insertion would find the key taken.
  [[nodiscard]] bool taken(const CtProbe& probe, const CtRecords& records) const noexcept;

  // The record's keys are set already; its place is set before others can see it. `shown` is set where they may have.
  Insert insert(const CtProbe& probe, uint32_t record, uint32_t direction, CtRecords& records, bool& shown) noexcept;
  // By who removed the record, and by who inserts it while another removes it.
  void erase(uint32_t record, uint32_t direction, CtRecords& records) noexcept;

  [[nodiscard]] uint64_t memory_bytes() const noexcept { return buckets_.bytes(); }

 private:
  static constexpr uint32_t kPlaces = 8;
  static constexpr uint32_t kCrowded = 6;
  static constexpr uint64_t kTentative = uint64_t{1} << 31;
  static constexpr uint64_t kDirection = uint64_t{1} << 30;
  static constexpr uint64_t kRecord = kDirection - 1;

  struct alignas(64) Bucket {
    std::atomic<uint64_t> place[kPlaces];
  };

  [[nodiscard]] VSWITCH_INLINE uint32_t first(uint64_t hash) const noexcept { return static_cast<uint32_t>(hash) & mask_; }
  [[nodiscard]] VSWITCH_INLINE uint32_t second(uint64_t hash) const noexcept {
    return (static_cast<uint32_t>(hash) ^ (static_cast<uint32_t>(hash >> 32) * 0x9e3779b1u | 1)) & mask_;
  }
  // A bit for each place whose tag it is, at twice its number and one.
  static VSWITCH_INLINE uint32_t matches(const Bucket& bucket, uint32_t tag) noexcept {
    const __m256i wanted = _mm256_set1_epi32(static_cast<int>(tag));
    const auto* lines = reinterpret_cast<const __m256i*>(bucket.place);
    const __m256i low = _mm256_cmpeq_epi32(_mm256_load_si256(lines), wanted);
    const __m256i high = _mm256_cmpeq_epi32(_mm256_load_si256(lines + 1), wanted);
    const uint32_t bits = static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(low))) |
                          static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(high))) << 8;
    return bits & 0xaaaa;
  }
  static VSWITCH_INLINE Hit hit_of(uint64_t entry) noexcept {
    return {static_cast<uint32_t>(entry & kRecord), static_cast<uint32_t>(entry >> 30 & 1)};
  }
  static VSWITCH_INLINE Hit guess_in(const Bucket& bucket, uint32_t tag) noexcept {
    const uint32_t bits = matches(bucket, tag);
    if (bits == 0) return {};
    const uint64_t entry = bucket.place[__builtin_ctz(bits) >> 1].load(std::memory_order_acquire);
    return entry == 0 || (entry & kTentative) != 0 ? Hit{} : hit_of(entry);
  }
  [[nodiscard]] std::atomic<uint64_t>& at(uint32_t place) noexcept { return buckets_[place / kPlaces].place[place % kPlaces]; }

  // Calls visit(entry, place) for each of the key that is not dead, until it returns true.
  template <typename Visit>
  bool each(const CtProbe& probe, const CtRecords& records, Visit visit) const noexcept;
  bool claim(const CtProbe& probe, uint64_t entry, std::atomic<uint32_t>& place) noexcept;
  bool prevail(const CtProbe& probe, uint64_t entry, uint32_t place, const CtRecords& records) noexcept;

  uint32_t mask_;
  mutable ZeroedArray<Bucket> buckets_;
};

}  // namespace vswitch
