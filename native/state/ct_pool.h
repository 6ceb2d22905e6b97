// Records that are free. A ring that all threads share, a few for each thread beside it, and each thread's quarantine: a removed
// record may still be looked at by a worker that found it before, until every worker has been quiescent since.
#pragma once

#include <rte_ring_elem.h>

#include <cstdint>

#include "base/hot.h"
#include "base/zeroed.h"
#include "dpdk/rcu.h"
#include "state/ct_record.h"

namespace vswitch {

class CtPool {
 public:
  static constexpr uint32_t kCached = 256;

  explicit CtPool(uint32_t records);

  uint32_t take(uint32_t* records, uint32_t count) noexcept {
    return rte_ring_dequeue_burst_elem(ring_, records, sizeof *records, count, nullptr);
  }
  // There is always room: the ring holds all records.
  void give(const uint32_t* records, uint32_t count) noexcept {
    rte_ring_enqueue_bulk_elem(ring_, records, sizeof *records, count, nullptr);
  }
  [[nodiscard]] uint64_t memory_bytes() const noexcept { return memory_.bytes(); }

 private:
  struct alignas(64) Line {
    uint8_t byte[64];
  };
  ZeroedArray<Line> memory_;
  rte_ring* ring_;
};

// One thread's.
class CtRecycler {
 public:
  CtRecycler(CtPool& pool, Rcu& rcu, uint32_t records);
  CtRecycler(const CtRecycler&) = delete;
  CtRecycler& operator=(const CtRecycler&) = delete;

  // kNoCtRecord: there is none.
  [[nodiscard]] uint32_t take() noexcept;
  // What the nth take from now on will give, where that is known.
  [[nodiscard]] VSWITCH_INLINE uint32_t coming(uint32_t nth) const noexcept {
    return nth < cached_ ? cache_[cached_ - 1 - nth] : kNoCtRecord;
  }
  // Of one that nobody else has seen.
  void put_back(uint32_t record) noexcept;
  // Of one that others may still see.
  void retire(uint32_t record) noexcept { quarantine_[tail_++ & mask_] = record; }
  // Frees what nobody sees any more.
  void release() noexcept;
  // Frees all, for the other threads too: every worker has been quiescent since the last was retired.
  void drain() noexcept;

  [[nodiscard]] uint64_t memory_bytes() const noexcept { return quarantine_.bytes(); }

 private:
  CtPool& pool_;
  Rcu& rcu_;
  uint32_t cached_ = 0;
  uint32_t cache_[CtPool::kCached];
  // From head_ to waiting_ the period's end is waited for; from there to tail_ no period has begun.
  uint32_t head_ = 0, waiting_ = 0, tail_ = 0;
  uint32_t mask_;
  uint64_t period_ = 0;
  ZeroedArray<uint32_t> quarantine_;
};

}  // namespace vswitch
