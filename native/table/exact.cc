#include "table/exact.h"

#include <rte_prefetch.h>

#include <bit>

namespace vswitch {
namespace {

uint32_t touched(const KeyWords& mask) {
  uint32_t words = 0;
  for (const uint64_t word : mask.word) words += word != 0 ? 1 : 0;
  return words;
}

}  // namespace

ExactTable::ExactTable(const KeyWords& mask, size_t room, uint32_t seed) : cells_(touched(mask), room, seed) {
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    if (mask.word[w] == 0) continue;
    word_[word_count_] = static_cast<uint8_t>(w);
    word_mask_[word_count_++] = mask.word[w];
  }
}

template <uint32_t kWords>
VSWITCH_HOT void ExactTable::lookup_words(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
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
    const RuleWord found = settled(cells_.find(
        cell[i], masked[i], words, [side](RuleWord word) { return is_seen(word, side); }, none));
    Hit& hit = hits[selection.index[i]];
    if (found > hit.word) hit.word = found;
  }
}

VSWITCH_HOT void ExactTable::lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  switch (word_count_) {
    case 1:
      return lookup_words<1>(keys, selection, side, hits);
    case 2:
      return lookup_words<2>(keys, selection, side, hits);
    case 3:
      return lookup_words<3>(keys, selection, side, hits);
    default:
      return lookup_words<0>(keys, selection, side, hits);
  }
}

void ExactTable::count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const {
  uint64_t masked[kKeyWords];
  for (uint32_t w = 0; w < word_count_; ++w) masked[w] = word_of(key, word_[w]) & word_mask_[w];
  const auto seen = [side](RuleWord word) { return is_seen(word, side); };
  const RuleWord found = settled(cells_.find(cells_.home(masked, word_count_), masked, word_count_, seen, probes));
  if (found > hit.word) hit.word = found;
}

void ExactTable::gather(const KeyWords& value, uint64_t* words) const noexcept {
  for (uint32_t w = 0; w < word_count_; ++w) words[w] = value.word[word_[w]];
}

uint32_t ExactTable::insert(const KeyWords& value, RuleWord word) noexcept {
  uint64_t words[kKeyWords];
  gather(value, words);
  return cells_.insert(words, word);
}

uint32_t ExactTable::find(const KeyWords& value, Side side) const noexcept {
  uint64_t words[kKeyWords];
  gather(value, words);
  return cells_.index_of(words, [side](RuleWord word) { return is_seen(word, side); });
}

KeyWords ExactTable::value(uint32_t cell) const noexcept {
  KeyWords value;
  const uint64_t* const words = cells_.values(cell);
  for (uint32_t w = 0; w < word_count_; ++w) value.word[word_[w]] = words[w];
  return value;
}

}  // namespace vswitch
