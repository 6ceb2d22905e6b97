// What the hash tables share: open addressing with linear probing in any number of cells, each `words` words of a key, then
// a word that is not 0.
//
// The longest probe is bounded by kMaxProbes when a cell is written: what a sender puts on the wire decides nothing here. One
// thread writes while others read: a cell's last word is written after the others, and a cell is used again only when no reader
// can be at what it held.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/hot.h"
#include "base/secret.h"
#include "base/zeroed.h"
#include "packet/flow_key.h"
#include "table/rule.h"

namespace vswitch {

// Which cells values share is not to be known to who writes rules: tables of one process have seeds that no other process has.
inline uint64_t secret_seed(uint32_t number) { return process_secret() + number * 0x9e3779b97f4a7c15ull; }

VSWITCH_INLINE uint32_t mix(uint64_t seed, const uint64_t* words, uint32_t count) noexcept {
  uint64_t hash = seed;
  for (uint32_t i = 0; i < count; ++i) {
    const unsigned __int128 product = static_cast<unsigned __int128>(hash ^ words[i]) * 0x9e3779b97f4a7c15ull;
    hash = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

// The cell where the search for a hash begins, of so many.
VSWITCH_INLINE uint32_t home_of(uint32_t hash, uint32_t count) noexcept {
  return static_cast<uint32_t>(uint64_t{hash} * count >> 32);
}

// The cells as a reader has them for a burst.
struct CellReader {
  uint64_t seed;
  const uint64_t* cells;
  uint32_t count;
  uint32_t max_probes;

  VSWITCH_INLINE const uint64_t* home(const uint64_t* values, uint32_t words) const noexcept {
    return cells + size_t{home_of(mix(seed, values, words), count)} * (words + 1);
  }

  // The last word of the cell with these values that `accepts` it, 0 if there is none. Counts each cell that is compared.
  template <class Accepts, class Count>
  VSWITCH_INLINE uint64_t find(const uint64_t* cell, const uint64_t* values, uint32_t words, const Accepts& accepts,
                               Count& counter) const noexcept {
    for (uint32_t left = max_probes; left != 0; --left) {
      const uint64_t found = load_word(cell[words]);
      if (found == 0) break;
      counter.add();
      uint64_t differ = 0;
      for (uint32_t w = 0; w < words; ++w) differ |= cell[w] ^ values[w];
      if (differ == 0 && accepts(found)) return found;
      cell += words + 1;
      if (__builtin_expect(cell == cells + size_t{count} * (words + 1), 0)) cell = cells;
    }
    return 0;
  }
};

class Cells {
 public:
  static constexpr uint32_t kMaxProbes = 32;
  static constexpr uint32_t kNoCell = UINT32_MAX;

  Cells() = default;
  // At most half of the cells are used for `room` keys.
  Cells(uint32_t words, size_t room, uint32_t seed)
      : seed_(secret_seed(seed)),
        words_(words),
        count_(static_cast<uint32_t>(count_for(room))),
        data_(size_t{count_} * (words + 1)) {}

  // For who sees what was written until now, at least.
  [[nodiscard]] VSWITCH_INLINE CellReader reader() const noexcept {
    return {seed_, data_.data(), count_, __atomic_load_n(&max_probes_, __ATOMIC_RELAXED)};
  }

  // The rest is the writer's.

  // The cell that it wrote; kNoCell where none is free within kMaxProbes of the values' home.
  uint32_t insert(const uint64_t* values, uint64_t last_word) noexcept {
    uint32_t at = home_of(mix(seed_, values, words_), count_);
    for (uint32_t probes = 1; probes <= kMaxProbes; ++probes, at = next(at)) {
      uint64_t* const cell = cell_at(at);
      const uint64_t there = cell[words_];
      if (there != 0 && there != kGone) continue;
      std::copy_n(values, words_, cell);
      store_word(cell[words_], last_word);
      used_ += there == 0 ? 1 : 0;
      if (probes > max_probes_) __atomic_store_n(&max_probes_, probes, __ATOMIC_RELAXED);
      return at;
    }
    return kNoCell;
  }

  // Whether the cell may be written anew, no reader being at what it held.
  void release(uint32_t at) noexcept {
    // A cell before an empty one ends every probe: it can be empty, too, and so can those like it before it.
    if (cell_at(next(at))[words_] != 0) return store_word(cell_at(at)[words_], kGone);
    do {
      store_word(cell_at(at)[words_], 0);
      --used_;
      at = (at == 0 ? count_ : at) - 1;
    } while (cell_at(at)[words_] == kGone);
  }

  template <class Accepts>
  [[nodiscard]] uint32_t index_of(const uint64_t* values, const Accepts& accepts) const noexcept {
    uint32_t at = home_of(mix(seed_, values, words_), count_);
    for (uint32_t probe = 0; probe < max_probes_ && cell_at(at)[words_] != 0; ++probe, at = next(at)) {
      if (std::equal(values, values + words_, cell_at(at)) && accepts(cell_at(at)[words_])) return at;
    }
    return kNoCell;
  }

  [[nodiscard]] const uint64_t* values(uint32_t at) const noexcept { return cell_at(at); }
  [[nodiscard]] uint64_t last_word(uint32_t at) const noexcept { return cell_at(at)[words_]; }
  void set(uint32_t at, uint64_t last_word) noexcept { store_word(cell_at(at)[words_], last_word); }

  // Whether so many more keep at least half of the cells empty.
  [[nodiscard]] bool has_room(size_t more) const noexcept { return (used_ + more) * 2 <= count_; }
  [[nodiscard]] size_t used() const noexcept { return used_; }
  [[nodiscard]] uint32_t count() const noexcept { return count_; }
  [[nodiscard]] uint32_t max_probes() const noexcept { return max_probes_; }
  [[nodiscard]] size_t memory_bytes() const noexcept { return data_.bytes(); }
  // Of cells that are made for `room` keys.
  [[nodiscard]] static size_t bytes_for(uint32_t words, size_t room) noexcept {
    return count_for(room) * (words + 1) * sizeof(uint64_t);
  }

 private:
  static size_t count_for(size_t room) noexcept { return std::max<size_t>(room * 2, 2); }
  [[nodiscard]] uint32_t next(uint32_t at) const noexcept { return at + 1 == count_ ? 0 : at + 1; }

  static constexpr uint64_t kGone = kDead;  // of a cell that may be written anew, though probes go on beyond it

  [[nodiscard]] uint64_t* cell_at(uint32_t at) noexcept { return &data_[size_t{at} * (words_ + 1)]; }
  [[nodiscard]] const uint64_t* cell_at(uint32_t at) const noexcept { return &data_[size_t{at} * (words_ + 1)]; }

  uint64_t seed_ = 0;
  uint32_t words_ = 0;
  uint32_t count_ = 0;
  uint32_t max_probes_ = 0;  // written beside readers; who sees a new cell from its burst's start on sees it, too
  size_t used_ = 0;
  ZeroedArray<uint64_t> data_;
};

}  // namespace vswitch
