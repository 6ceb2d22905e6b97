// What part of a worker each tenant may have: set by the control thread while workers run by it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"

namespace vswitch {

// Of each worker's core, in thousandths.
struct CycleShare {
  uint16_t weight = 0;      // of what is not guaranteed to anybody; 0: there is no such tenant
  uint16_t guaranteed = 0;  // at the least, where it has work for it
  uint16_t cap = 0;         // at the most, also where the others have no work; 0: all
};

using CycleShares = std::array<CycleShare, kSlots>;  // by tenant slot

// The shares of the moment: a sequence lock (H.-J. Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?",
// MSPC 2012). A reader gets all of one change or, while it is written, nothing.
class SharedShares {
 public:
  explicit SharedShares(const CycleShares& shares) noexcept { set(shares); }

  // By one thread.
  void set(const CycleShares& shares) noexcept {
    const uint32_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (size_t slot = 0; slot < kSlots; ++slot) words_[slot].store(packed(shares[slot]), std::memory_order_relaxed);
    version_.store(version + 2, std::memory_order_release);
  }

  // Even, and never the same again: what a reader compares before it reads.
  [[nodiscard]] uint32_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  // By any thread. The version of what `out` has then; 0 where they were being written.
  [[nodiscard]] uint32_t load(CycleShares& out) const noexcept {
    const uint32_t before = version();
    for (size_t slot = 0; slot < kSlots; ++slot) out[slot] = unpacked(words_[slot].load(std::memory_order_relaxed));
    std::atomic_thread_fence(std::memory_order_acquire);
    return before % 2 == 0 && version_.load(std::memory_order_relaxed) == before ? before : 0;
  }

 private:
  static constexpr uint64_t packed(const CycleShare& share) noexcept {
    return uint64_t{share.weight} << 32 | uint64_t{share.guaranteed} << 16 | share.cap;
  }
  static constexpr CycleShare unpacked(uint64_t word) noexcept {
    return {static_cast<uint16_t>(word >> 32), static_cast<uint16_t>(word >> 16), static_cast<uint16_t>(word)};
  }

  alignas(kFalseSharing) std::atomic<uint32_t> version_{0};
  std::array<std::atomic<uint64_t>, kSlots> words_{};
};

}  // namespace vswitch
