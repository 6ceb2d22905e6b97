// Rules of one mask: a hash table that is built once and never changed, so that workers read it without any synchronisation.
// A cell holds the masked words that the mask touches, then rank and target.
#pragma once

#include <cstdint>
#include <span>

#include "packet/burst.h"
#include "table/cells.h"
#include "table/rule.h"

namespace vswitch {

// What a look-up found so far; `order` is the rank plus one, 0: nothing.
struct Hit {
  uint32_t order = 0;
  uint32_t target = kNoTarget;
};

class ExactTable {
 public:
  // All rules have the same mask, at least one bit of it, and different values.
  explicit ExactTable(std::span<const TableRule> rules);

  [[nodiscard]] uint32_t max_order() const { return max_order_; }
  [[nodiscard]] uint32_t max_probes() const { return cells_.max_probes(); }
  [[nodiscard]] size_t memory_bytes() const { return cells_.memory_bytes(); }

  // Improves hit[i] of each selected packet for which a rule of higher order is here.
  void lookup(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;
  // The same for one packet, adding what it compares.
  void count(const FlowKey& key, Hit& hit, Probes& probes) const;

 private:
  template <uint32_t kWords>
  void lookup_words(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;

  uint32_t word_count_ = 0;
  uint8_t word_[kKeyWords] = {};        // which words of the key the mask touches
  uint64_t word_mask_[kKeyWords] = {};  // and its bits in each
  uint32_t max_order_ = 0;
  Cells cells_;  // order << 32 | target after the words
};

}  // namespace vswitch
