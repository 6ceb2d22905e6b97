#include "table/merged.h"

#include <rte_byteorder.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <numeric>

#include "table/range.h"

namespace vswitch {
namespace {

// A chain in a word: the order of its strongest rule, the first rule's place, the number of rules less one.
constexpr uint32_t kLengthBits = 6;
static_assert(MergedTable::kMaxChain == 1 << kLengthBits);
static_assert(uint64_t{MergedTable::kMaxRules} << kLengthBits == uint64_t{1} << 32);

uint64_t chain_of(uint32_t order, uint32_t first, uint32_t length) {
  return uint64_t{order} << 32 | first << kLengthBits | (length - 1);
}
VSWITCH_INLINE uint32_t first_of(uint64_t chain) noexcept { return static_cast<uint32_t>(chain) >> kLengthBits; }
VSWITCH_INLINE uint32_t length_of(uint64_t chain) noexcept { return (chain & (MergedTable::kMaxChain - 1)) + 1; }

constexpr auto any_chain = [](uint64_t) { return true; };

// The ranges in a word, low end and width of each.
uint64_t pack(const TableRule& rule) {
  const auto range = [](const PortRange& r) { return uint64_t{r.low} | uint64_t{static_cast<uint16_t>(r.high - r.low)} << 16; };
  return range(rule.tp_src) | range(rule.tp_dst) << 32;
}

VSWITCH_INLINE bool within(uint64_t ranges, uint16_t tp_src, uint16_t tp_dst) noexcept {
  const auto source = static_cast<uint16_t>(tp_src - static_cast<uint16_t>(ranges));
  const auto destination = static_cast<uint16_t>(tp_dst - static_cast<uint16_t>(ranges >> 32));
  return source <= static_cast<uint16_t>(ranges >> 16) && destination <= static_cast<uint16_t>(ranges >> 48);
}

}  // namespace

MergedTable::MergedTable(std::span<const TableRule> rules, const KeyWords& mask) {
  KeyWords asked;
  for (const TableRule& rule : rules) {
    for (uint32_t w = 0; w < kKeyWords; ++w) asked.word[w] |= rule.mask.word[w];
  }
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    if (asked.word[w] != 0) rule_word_[rule_words_++] = static_cast<uint8_t>(w);
    if (mask.word[w] == 0) continue;
    word_mask_[hash_words_] = mask.word[w];
    hash_word_[hash_words_++] = static_cast<uint8_t>(w);
  }
  strongest_ = rule_word(rules.front().rank, rules.front().target);
  build(rules);
}

void MergedTable::build(std::span<const TableRule> rules) {
  const uint32_t words = hash_words_;
  std::vector<uint64_t> values(rules.size() * words);
  for (size_t i = 0; i < rules.size(); ++i) {
    KeyWords value;
    common_mask(rules[i], value);
    for (uint32_t w = 0; w < words; ++w) values[i * words + w] = value.word[hash_word_[w]] & word_mask_[w];
  }
  const auto value_of = [&](uint32_t rule) { return std::span(values).subspan(size_t{rule} * words, words); };
  const auto less = [&](uint32_t a, uint32_t b) { return std::ranges::lexicographical_compare(value_of(a), value_of(b)); };
  std::vector<uint32_t> by_value(rules.size());
  std::iota(by_value.begin(), by_value.end(), 0);
  std::stable_sort(by_value.begin(), by_value.end(), less);

  std::vector<std::pair<uint32_t, uint64_t>> cells;  // a rule of the chain, and the chain
  chains_.reserve(rules.size() * rule_stride());
  for (auto first = by_value.begin(); first != by_value.end();) {
    const auto last = std::find_if(first, by_value.end(), [&](uint32_t rule) { return less(*first, rule); });
    const auto length = static_cast<uint32_t>(last - first);
    max_chain_ = std::max(max_chain_, length);
    cells.emplace_back(*first, chain_of(rules[*first].rank + 1, static_cast<uint32_t>(first - by_value.begin()), length));
    for (; first != last; ++first) append(rules[*first]);
  }
  places_.resize(rules.size());
  for (size_t i = 0; i < by_value.size(); ++i) places_[by_value[i]] = &chains_[(i + 1) * rule_stride() - 1];
  const auto place = [&](size_t room, uint32_t seed) {
    cells_ = Cells(words, room, seed);
    return std::ranges::all_of(
        cells, [&](const auto& cell) { return cells_.insert(value_of(cell.first).data(), cell.second) != Cells::kNoCell; });
  };
  size_t room = cells.size() + cells.size() / 3;
  for (uint32_t seed = 1; !place(room, seed); ++seed) {
    if (seed % 4 == 0) room *= 2;
  }
}

void MergedTable::append(const TableRule& rule) {
  for (uint32_t w = 0; w < rule_words_; ++w) {
    chains_.push_back(rule.value.word[rule_word_[w]]);
    chains_.push_back(rule.mask.word[rule_word_[w]]);
  }
  chains_.push_back(pack(rule));
  chains_.push_back(rule_word(rule.rank, rule.target));
}

VSWITCH_INLINE const uint64_t* MergedTable::rule_at(uint64_t chain) const noexcept {
  return &chains_[size_t{first_of(chain)} * rule_stride()];
}

template <class Count>
VSWITCH_INLINE void MergedTable::follow(const FlowKey& key, uint64_t chain, Side side, Hit& hit, Count& count) const noexcept {
  const uint64_t* rule = rule_at(chain);
  const uint64_t* const end = rule + size_t{length_of(chain)} * rule_stride();
  for (; rule != end; rule += rule_stride()) {
    const RuleWord found = load_word(rule[rule_stride() - 1]);
    if (settled(found) <= hit.word) return;
    count.add();
    uint64_t differ = 0;
    for (uint32_t w = 0; w < rule_words_; ++w) differ |= (word_of(key, rule_word_[w]) & rule[2 * w + 1]) ^ rule[2 * w];
    if (differ != 0 || !within(rule[rule_stride() - 2], rte_be_to_cpu_16(key.tp_src), rte_be_to_cpu_16(key.tp_dst))) continue;
    if (__builtin_expect(!is_seen(found, side), 0)) continue;
    hit.word = settled(found);
    return;
  }
}

template <uint32_t kWords>
VSWITCH_HOT void MergedTable::lookup_words(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  const uint32_t words = kWords != 0 ? kWords : hash_words_;
  constexpr uint32_t kRoom = kWords != 0 ? kWords : kKeyWords;
  const CellReader cells = cells_.reader();
  uint64_t masked[kBurst][kRoom];
  const uint64_t* cell[kBurst];
  for (uint32_t i = 0; i < selection.count; ++i) {
    const FlowKey& key = keys[selection.index[i]];
    for (uint32_t w = 0; w < words; ++w) masked[i][w] = word_of(key, hash_word_[w]) & word_mask_[w];
    cell[i] = cells.home(masked[i], words);
    rte_prefetch0(cell[i]);
  }
  NoCount none;
  Selection promising;
  uint64_t chain[kBurst];
  for (uint32_t i = 0; i < selection.count; ++i) {
    const uint64_t found = cells.find(cell[i], masked[i], words, any_chain, none);
    if (found == 0 || order_of(found) < order_of(hits[selection.index[i]].word)) continue;
    rte_prefetch0(rule_at(found));
    chain[promising.count] = found;
    promising.add(selection.index[i]);
  }
  for (uint32_t i = 0; i < promising.count; ++i) {
    follow(keys[promising.index[i]], chain[i], side, hits[promising.index[i]], none);
  }
}

VSWITCH_HOT void MergedTable::lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  switch (hash_words_) {
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

void MergedTable::count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const {
  uint64_t masked[kKeyWords];
  for (uint32_t w = 0; w < hash_words_; ++w) masked[w] = word_of(key, hash_word_[w]) & word_mask_[w];
  const CellReader cells = cells_.reader();
  const uint64_t chain = cells.find(cells.home(masked, hash_words_), masked, hash_words_, any_chain, probes);
  if (chain != 0 && order_of(chain) >= order_of(hit.word)) follow(key, chain, side, hit, probes);
}

}  // namespace vswitch
