// What the hash tables share: open addressing with linear probing in at most half-full, power-of-two many cells.
//
// The longest probe is known when the cells are built, and a build whose longest probe would pass kMaxProbes is done again with
// another seed or more cells: what a sender puts on the wire decides nothing here.
#pragma once

#include <nmmintrin.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/hot.h"
#include "packet/flow_key.h"

namespace vswitch {

VSWITCH_INLINE uint32_t mix(uint32_t seed, const uint64_t* words, uint32_t count) noexcept {
  uint64_t hash = seed;
  for (uint32_t i = 0; i < count; ++i) hash = _mm_crc32_u64(hash, words[i]);
  // CRC is linear: without this, values that differ in few bits would share low bits of the hash.
  return static_cast<uint32_t>((hash * 0x9e3779b97f4a7c15ull) >> 32);
}

VSWITCH_INLINE uint64_t word_of(const FlowKey& key, uint32_t index) noexcept {
  uint64_t word;
  memcpy(&word, reinterpret_cast<const uint8_t*>(&key) + index * sizeof word, sizeof word);
  return word;
}

// What a look-up counts: nothing for packets, each cell and rule that is compared for tests.
struct NoCount {
  VSWITCH_INLINE void add() noexcept {}
};
struct Probes {
  uint32_t count = 0;
  VSWITCH_INLINE void add() noexcept { ++count; }
};

class Cells {
 public:
  static constexpr uint32_t kMaxProbes = 16;

  // `fill(i, cell)` writes the i-th cell: `words` words, different for each, then one that is not 0.
  template <class Fill>
  void build(size_t count, uint32_t words, const Fill& fill) {
    auto cells = static_cast<uint32_t>(std::bit_ceil(std::max<size_t>(count * 2, 2)));
    for (uint32_t seed = 1; !place(count, words, cells, seed, fill); ++seed) {
      if (seed % 4 == 0) cells *= 2;
    }
  }

  VSWITCH_INLINE const uint64_t* home(const uint64_t* values, uint32_t words) const noexcept {
    return &data_[size_t{mix(seed_, values, words) & last_} * (words + 1)];
  }
  VSWITCH_INLINE const uint64_t* next(const uint64_t* cell, uint32_t words) const noexcept {
    cell += words + 1;
    return cell == data_.data() + data_.size() ? data_.data() : cell;
  }

  // The last word of the cell with these values, 0 if there is none. Counts each cell that is compared.
  template <class Count>
  VSWITCH_INLINE uint64_t find(const uint64_t* cell, const uint64_t* values, uint32_t words, Count& count) const noexcept {
    for (uint32_t probe = 0; probe < max_probes_ && cell[words] != 0; ++probe) {
      count.add();
      bool same = true;
      for (uint32_t w = 0; w < words; ++w) same &= cell[w] == values[w];
      if (same) return cell[words];
      cell = next(cell, words);
    }
    return 0;
  }

  [[nodiscard]] uint32_t max_probes() const { return max_probes_; }
  [[nodiscard]] size_t memory_bytes() const { return data_.size() * sizeof(uint64_t); }

 private:
  template <class Fill>
  bool place(size_t count, uint32_t words, uint32_t cells, uint32_t seed, const Fill& fill) {
    seed_ = seed;
    last_ = cells - 1;
    max_probes_ = 1;
    data_.assign(size_t{cells} * (words + 1), 0);
    for (size_t i = 0; i < count; ++i) {
      uint64_t made[kKeyWords + 1];
      fill(i, made);
      auto* cell = const_cast<uint64_t*>(home(made, words));
      uint32_t probes = 1;
      for (; cell[words] != 0; cell = const_cast<uint64_t*>(next(cell, words))) ++probes;
      if (probes > kMaxProbes) return false;
      max_probes_ = std::max(max_probes_, probes);
      std::copy_n(made, words + 1, cell);
    }
    return true;
  }

  uint32_t seed_ = 0;
  uint32_t last_ = 0;
  uint32_t max_probes_ = 0;
  std::vector<uint64_t> data_;
};

}  // namespace vswitch
