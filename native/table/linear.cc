#include "table/linear.h"

#include <immintrin.h>
#include <rte_byteorder.h>

#include <algorithm>

namespace vswitch {
namespace {

bool asks_for(const TableRule& rule, uint32_t quarter) {
  const auto* const words = rule.mask.word + quarter * 4;
  return std::any_of(words, words + 4, [](uint64_t word) { return word != 0; });
}

VSWITCH_INLINE __m256i load_quarter(const void* at) noexcept { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }

bool within(const PortRange& range, uint16_t port) { return range.low <= port && port <= range.high; }

}  // namespace

LinearTable::LinearTable(std::span<const TableRule> rules) {
  for (uint32_t quarter = 0; quarter < kQuarters; ++quarter) {
    const auto asks = [quarter](const TableRule& rule) { return asks_for(rule, quarter); };
    if (std::ranges::any_of(rules, asks)) quarter_[quarters_++] = static_cast<uint8_t>(quarter);
  }
  for (const TableRule& rule : rules) {
    rules_.push_back({rule_word(rule.rank, rule.target), rule.tp_src, rule.tp_dst});
    strongest_ = std::max(strongest_, rules_.back().word);
    has_ranges_ |= has_range(rule);
    for (uint32_t q = 0; q < quarters_; ++q) {
      Pattern& pattern = patterns_.emplace_back();
      std::copy_n(rule.mask.word + quarter_[q] * 4, 4, pattern.mask);
      std::copy_n(rule.value.word + quarter_[q] * 4, 4, pattern.value);
    }
  }
}

template <uint32_t kCount, bool kRanges>
VSWITCH_HOT void LinearTable::lookup_quarters(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept {
  const uint32_t quarters = kCount != 0 ? kCount : quarters_;
  const auto count = static_cast<uint32_t>(rules_.size());
  const Ranked* const rules = rules_.data();
  const Pattern* const patterns = patterns_.data();
  uint32_t from[kQuarters];
  for (uint32_t q = 0; q < quarters; ++q) from[q] = quarter_[q] * sizeof(__m256i);
  for (uint32_t i = 0; i < selection.count; ++i) {
    const FlowKey& key = keys[selection.index[i]];
    __m256i part[kCount != 0 ? kCount : kQuarters];
    for (uint32_t q = 0; q < quarters; ++q) part[q] = load_quarter(reinterpret_cast<const uint8_t*>(&key) + from[q]);
    RuleWord best = hits[selection.index[i]].word;
    for (uint32_t r = 0; r < count; ++r) {
      __m256i differ = _mm256_setzero_si256();
      for (uint32_t q = 0; q < quarters; ++q) {
        const Pattern& pattern = patterns[r * quarters + q];
        const __m256i masked = _mm256_and_si256(part[q], load_quarter(pattern.mask));
        differ = _mm256_or_si256(differ, _mm256_xor_si256(masked, load_quarter(pattern.value)));
      }
      bool matches = _mm256_testz_si256(differ, differ) != 0;
      if constexpr (kRanges) {
        matches &= within(rules[r].tp_src, rte_be_to_cpu_16(key.tp_src)) && within(rules[r].tp_dst, rte_be_to_cpu_16(key.tp_dst));
      }
      best = std::max(best, matches ? rules[r].word : 0);
    }
    hits[selection.index[i]].word = best;
  }
}

VSWITCH_HOT void LinearTable::lookup(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept {
  if (has_ranges_) return lookup_quarters<0, true>(keys, selection, hits);
  switch (quarters_) {
    case 1:
      return lookup_quarters<1, false>(keys, selection, hits);
    case 2:
      return lookup_quarters<2, false>(keys, selection, hits);
    default:
      return lookup_quarters<0, false>(keys, selection, hits);
  }
}

void LinearTable::count(const FlowKey& key, Hit& hit, Probes& probes) const {
  Selection one;
  one.add(0);
  lookup(&key, one, &hit);
  for (size_t i = 0; i < rules_.size(); ++i) probes.add();
}

size_t LinearTable::memory_bytes() const { return rules_.size() * sizeof(Ranked) + patterns_.size() * sizeof(Pattern); }

}  // namespace vswitch
