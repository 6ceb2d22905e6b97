#include "table/exact.h"

#include <nmmintrin.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace vswitch {
namespace {

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

}  // namespace

ExactTable::ExactTable(std::span<const TableRule> rules) {
  const KeyWords& mask = rules.front().mask;
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    if (mask.word[w] == 0) continue;
    word_[word_count_] = static_cast<uint8_t>(w);
    word_mask_[word_count_++] = mask.word[w];
  }
  for (const TableRule& rule : rules) max_order_ = std::max(max_order_, rule.rank + 1);
  auto cells = static_cast<uint32_t>(std::bit_ceil(std::max<size_t>(rules.size() * 2, 2)));
  for (uint32_t seed = 1;; ++seed) {
    if (build(rules, cells, seed)) return;
    if (seed % 4 == 0) cells *= 2;
  }
}

bool ExactTable::build(std::span<const TableRule> rules, uint32_t cells, uint32_t seed) {
  const uint32_t stride = word_count_ + 1;
  seed_ = seed;
  cell_mask_ = cells - 1;
  max_probes_ = 1;
  cells_.assign(size_t{cells} * stride, 0);
  for (const TableRule& rule : rules) {
    uint64_t value[kKeyWords];
    for (uint32_t w = 0; w < word_count_; ++w) value[w] = rule.value.word[word_[w]];
    uint32_t at = mix(seed, value, word_count_) & cell_mask_;
    uint32_t probes = 1;
    for (; cells_[size_t{at} * stride + word_count_] != 0; at = (at + 1) & cell_mask_) ++probes;
    if (probes > kMaxProbes) return false;
    max_probes_ = std::max(max_probes_, probes);
    uint64_t* cell = &cells_[size_t{at} * stride];
    std::copy_n(value, word_count_, cell);
    cell[word_count_] = uint64_t{rule.rank + 1} << 32 | rule.target;
  }
  return true;
}

template <uint32_t kWords>
VSWITCH_HOT void ExactTable::lookup_words(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept {
  const uint32_t words = kWords != 0 ? kWords : word_count_;
  constexpr uint32_t kRoom = kWords != 0 ? kWords : kKeyWords;
  const uint32_t stride = words + 1;
  uint64_t masked[kBurst][kRoom];
  const uint64_t* cell[kBurst];
  for (uint32_t i = 0; i < selection.count; ++i) {
    const FlowKey& key = keys[selection.index[i]];
    for (uint32_t w = 0; w < words; ++w) masked[i][w] = word_of(key, word_[w]) & word_mask_[w];
    cell[i] = &cells_[size_t{mix(seed_, masked[i], words) & cell_mask_} * stride];
    rte_prefetch0(cell[i]);
  }
  const uint64_t* const end = cells_.data() + cells_.size();
  for (uint32_t i = 0; i < selection.count; ++i) {
    const uint64_t* at = cell[i];
    for (uint32_t probe = 0; probe < max_probes_ && at[words] != 0; ++probe) {
      bool same = true;
      for (uint32_t w = 0; w < words; ++w) same &= at[w] == masked[i][w];
      if (same) {
        const auto order = static_cast<uint32_t>(at[words] >> 32);
        Hit& hit = hits[selection.index[i]];
        if (order > hit.order) hit = {order, static_cast<uint32_t>(at[words])};
        break;
      }
      at += stride;
      if (at == end) at = cells_.data();
    }
  }
}

VSWITCH_HOT void ExactTable::lookup(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept {
  switch (word_count_) {
    case 1:
      return lookup_words<1>(keys, selection, hits);
    case 2:
      return lookup_words<2>(keys, selection, hits);
    case 3:
      return lookup_words<3>(keys, selection, hits);
    default:
      return lookup_words<0>(keys, selection, hits);
  }
}

}  // namespace vswitch
