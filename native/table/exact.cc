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

// Cells that are not near are fetched for the whole burst before any is looked at.
template <uint32_t kWords, bool kNear>
VSWITCH_HOT void ExactTable::lookup_words(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  const uint32_t words = kWords != 0 ? kWords : word_count_;
  constexpr uint32_t kRoom = kWords != 0 ? kWords : kKeyWords;
  const CellReader cells = cells_.reader();
  uint32_t place[kRoom];
  uint64_t mask[kRoom];
  for (uint32_t w = 0; w < words; ++w) place[w] = word_[w], mask[w] = word_mask_[w];
  NoCount none;
  const auto seen = [side](RuleWord word) { return is_seen(word, side); };
  const auto gather = [&](uint32_t packet, uint64_t* values) {
    for (uint32_t w = 0; w < words; ++w) values[w] = word_of(keys[packet], place[w]) & mask[w];
    return cells.home(values, words);
  };
  const auto improve = [&](uint32_t packet, const uint64_t* cell, const uint64_t* values) {
    Hit& hit = hits[packet];
    hit.word = std::max(hit.word, settled(cells.find(cell, values, words, seen, none)));
  };
  uint64_t values[kNear ? 1 : kBurst][kRoom];
  if constexpr (kNear) {
    for (uint32_t i = 0; i < selection.count; ++i) {
      const uint64_t* const cell = gather(selection.index[i], values[0]);
      improve(selection.index[i], cell, values[0]);
    }
  } else {
    const uint64_t* cell[kBurst];
    for (uint32_t i = 0; i < selection.count; ++i) {
      cell[i] = gather(selection.index[i], values[i]);
      rte_prefetch0(cell[i]);
    }
    for (uint32_t i = 0; i < selection.count; ++i) improve(selection.index[i], cell[i], values[i]);
  }
}

VSWITCH_HOT void ExactTable::lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  constexpr size_t kNear = 32 << 10;  // in the first level of cache, or soon there
  const bool is_near = cells_.memory_bytes() <= kNear;
  switch (word_count_) {
    case 1:
      return is_near ? lookup_words<1, true>(keys, selection, side, hits) : lookup_words<1, false>(keys, selection, side, hits);
    case 2:
      return is_near ? lookup_words<2, true>(keys, selection, side, hits) : lookup_words<2, false>(keys, selection, side, hits);
    case 3:
      return is_near ? lookup_words<3, true>(keys, selection, side, hits) : lookup_words<3, false>(keys, selection, side, hits);
    default:
      return lookup_words<0, false>(keys, selection, side, hits);
  }
}

size_t ExactTable::bytes_for(const KeyWords& mask, size_t room) { return Cells::bytes_for(touched(mask), room); }

void ExactTable::count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const {
  uint64_t masked[kKeyWords];
  for (uint32_t w = 0; w < word_count_; ++w) masked[w] = word_of(key, word_[w]) & word_mask_[w];
  const CellReader cells = cells_.reader();
  const auto seen = [side](RuleWord word) { return is_seen(word, side); };
  const RuleWord found = settled(cells.find(cells.home(masked, word_count_), masked, word_count_, seen, probes));
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
