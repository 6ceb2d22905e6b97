#include "state/ct_pool.h"

#include <algorithm>
#include <bit>

#include "state/ct_record.h"

namespace vswitch {

CtPool::CtPool(uint32_t records) {
  const uint32_t size = std::bit_ceil(records + 1);
  memory_ = ZeroedArray<Line>((static_cast<size_t>(rte_ring_get_memsize_elem(sizeof(uint32_t), size)) + sizeof(Line) - 1) /
                              sizeof(Line));
  ring_ = reinterpret_cast<rte_ring*>(memory_.data());
  rte_ring_init(ring_, "ct", size, 0);
  for (uint32_t record = 0; record < records; ++record) give(&record, 1);
}

CtRecycler::CtRecycler(CtPool& pool, Rcu& rcu, uint32_t records)
    : pool_(pool),
      rcu_(rcu),
      mask_(std::bit_ceil(records) - 1),
      quarantine_(decltype(quarantine_)::resident(size_t{mask_} + 1)) {}

uint32_t CtRecycler::take() noexcept {
  if (cached_ == 0) {
    release();
    if (cached_ == 0) cached_ = pool_.take(cache_, CtPool::kCached / 2);
    if (cached_ == 0) return kNoCtRecord;
  }
  return cache_[--cached_];
}

void CtRecycler::put_back(uint32_t record) noexcept {
  if (cached_ == CtPool::kCached) {
    cached_ -= CtPool::kCached / 2;
    pool_.give(cache_ + cached_, CtPool::kCached / 2);
  }
  cache_[cached_++] = record;
}

void CtRecycler::release() noexcept {
  constexpr uint32_t kAtOnce = 512;
  if (head_ != waiting_) {
    if (!rcu_.over(period_)) return;
    for (uint32_t left = std::min(waiting_ - head_, kAtOnce); left != 0; --left) put_back(quarantine_[head_++ & mask_]);
  }
  if (head_ != waiting_ || waiting_ == tail_) return;
  waiting_ = tail_;
  period_ = rcu_.start();
}

void CtRecycler::drain() noexcept {
  for (; head_ != tail_; ++head_) pool_.give(&quarantine_[head_ & mask_], 1);
  waiting_ = tail_;
}

}  // namespace vswitch
