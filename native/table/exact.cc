#include "table/exact.h"

#include <rte_prefetch.h>

#include <algorithm>

namespace vswitch {

ExactTable::ExactTable(std::span<const TableRule> rules) {
  const KeyWords& mask = rules.front().mask;
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    if (mask.word[w] == 0) continue;
    word_[word_count_] = static_cast<uint8_t>(w);
    word_mask_[word_count_++] = mask.word[w];
  }
  for (const TableRule& rule : rules) max_order_ = std::max(max_order_, rule.rank + 1);
  cells_.build(rules.size(), word_count_, [&](size_t i, uint64_t* cell) {
    for (uint32_t w = 0; w < word_count_; ++w) cell[w] = rules[i].value.word[word_[w]];
    cell[word_count_] = uint64_t{rules[i].rank + 1} << 32 | rules[i].target;
  });
}

template <uint32_t kWords>
VSWITCH_HOT void ExactTable::lookup_words(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept {
  const uint32_t words = kWords != 0 ? kWords : word_count_;
  constexpr uint32_t kRoom = kWords != 0 ? kWords : kKeyWords;
  uint64_t masked[kBurst][kRoom];
  const uint64_t* cell[kBurst];
  for (uint32_t i = 0; i < selection.count; ++i) {
    const FlowKey& key = keys[selection.index[i]];
    for (uint32_t w = 0; w < words; ++w) masked[i][w] = word_of(key, word_[w]) & word_mask_[w];
    cell[i] = cells_.home(masked[i], words);
    rte_prefetch0(cell[i]);
  }
  NoCount none;
  for (uint32_t i = 0; i < selection.count; ++i) {
    const uint64_t found = cells_.find(cell[i], masked[i], words, none);
    Hit& hit = hits[selection.index[i]];
    if (found >> 32 > hit.order) hit = {static_cast<uint32_t>(found >> 32), static_cast<uint32_t>(found)};
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

void ExactTable::count(const FlowKey& key, Hit& hit, Probes& probes) const {
  uint64_t masked[kKeyWords];
  for (uint32_t w = 0; w < word_count_; ++w) masked[w] = word_of(key, word_[w]) & word_mask_[w];
  const uint64_t found = cells_.find(cells_.home(masked, word_count_), masked, word_count_, probes);
  if (found >> 32 > hit.order) hit = {static_cast<uint32_t>(found >> 32), static_cast<uint32_t>(found)};
}

}  // namespace vswitch
