// Counts of values in buckets that are 1/64 of their value wide.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace vswitch {

class Histogram {
 public:
  void record(uint64_t value) noexcept {
    const uint32_t shift = std::bit_width(value | (kLinear - 1)) - kLinearBits;
    ++counts_[shift * (kLinear / 2) + (value >> shift)];
  }

  void add(const Histogram& other) noexcept {
    for (uint32_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  }

  // Calls `visit(value, count)` for each bucket that has a count, with the smallest value of the bucket.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (uint32_t i = 0; i < kBuckets; ++i) {
      const uint32_t shift = i < kLinear ? 0 : i / (kLinear / 2) - 1;
      if (counts_[i] != 0) visit(uint64_t{i - shift * (kLinear / 2)} << shift, counts_[i]);
    }
  }

 private:
  static constexpr uint32_t kLinearBits = 7;
  static constexpr uint32_t kLinear = 1 << kLinearBits;  // values below have a bucket each
  static constexpr uint32_t kBuckets = (64 - kLinearBits + 2) * (kLinear / 2);

  std::array<uint64_t, kBuckets> counts_{};
};

}  // namespace vswitch
