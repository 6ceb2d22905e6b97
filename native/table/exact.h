// Rules of one mask: a hash table that is built once and never changed, so that workers read it without any synchronisation.
//
// Open addressing with linear probing in at most half-full, power-of-two many cells; a cell holds the masked words that the mask
// touches, then rank and target. The longest probe is known when the table is built, and a build whose longest probe would pass
// kMaxProbes is done again with another seed or more cells: what a sender puts on the wire decides nothing here.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packet/burst.h"
#include "table/rule.h"

namespace vswitch {

// What a look-up found so far; `order` is the rank plus one, 0: nothing.
struct Hit {
  uint32_t order = 0;
  uint32_t target = kNoTarget;
};

class ExactTable {
 public:
  static constexpr uint32_t kMaxProbes = 16;

  // All rules have the same mask, at least one bit of it, and different values.
  explicit ExactTable(std::span<const TableRule> rules);

  [[nodiscard]] uint32_t max_order() const { return max_order_; }
  [[nodiscard]] uint32_t max_probes() const { return max_probes_; }
  [[nodiscard]] size_t memory_bytes() const { return cells_.size() * sizeof(uint64_t); }

  // Improves hit[i] of each selected packet for which a rule of higher order is here.
  void lookup(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;

 private:
  bool build(std::span<const TableRule> rules, uint32_t cells, uint32_t seed);
  template <uint32_t kWords>
  void lookup_words(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;

  uint32_t word_count_ = 0;
  uint8_t word_[kKeyWords] = {};        // which words of the key the mask touches
  uint64_t word_mask_[kKeyWords] = {};  // and its bits in each
  uint32_t seed_ = 0;
  uint32_t cell_mask_ = 0;
  uint32_t max_order_ = 0;
  uint32_t max_probes_ = 0;
  std::vector<uint64_t> cells_;  // word_count_ + 1 words a cell; the last is order << 32 | target, 0: empty
};

}  // namespace vswitch
