// Bytes from one thread to another, in order, without locks. The memory is mapped twice in a row, so that what is written and
// what is read are one piece wherever in the ring they are.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/hot.h"

namespace vswitch {

class ByteRing {
 public:
  // `bytes` is rounded up to a power of two, of whole pages. Null where there is no memory.
  static std::unique_ptr<ByteRing> make(size_t bytes);
  ~ByteRing();
  ByteRing(const ByteRing&) = delete;
  ByteRing& operator=(const ByteRing&) = delete;

  [[nodiscard]] size_t size() const noexcept { return size_; }

  // The writer's: room for so many bytes; null where there is none. Nobody sees them before publish().
  VSWITCH_INLINE uint8_t* reserve(size_t bytes) noexcept {
    if (__builtin_expect(next_ + bytes - seen_tail_ > size_, 0)) {
      seen_tail_ = tail_.load(std::memory_order_acquire);
      if (next_ + bytes - seen_tail_ > size_) return nullptr;
    }
    uint8_t* const at = memory_ + (next_ & (size_ - 1));
    next_ += bytes;
    return at;
  }
  VSWITCH_INLINE void publish() noexcept { head_.store(next_, std::memory_order_release); }

  // The reader's: all that was published and not yet consumed.
  [[nodiscard]] VSWITCH_INLINE std::span<const uint8_t> readable() const noexcept {
    const uint64_t tail = tail_.load(std::memory_order_relaxed);
    return {memory_ + (tail & (size_ - 1)), head_.load(std::memory_order_acquire) - tail};
  }
  VSWITCH_INLINE void consume(size_t bytes) noexcept {
    tail_.store(tail_.load(std::memory_order_relaxed) + bytes, std::memory_order_release);
  }

 private:
  ByteRing(uint8_t* memory, size_t size) : memory_(memory), size_(size) {}

  uint8_t* const memory_;
  const size_t size_;
  // The writer's.
  alignas(kFalseSharing) uint64_t next_ = 0;
  uint64_t seen_tail_ = 0;
  std::atomic<uint64_t> head_{0};
  // The reader's.
  alignas(kFalseSharing) std::atomic<uint64_t> tail_{0};
};

}  // namespace vswitch
