// Rules of one mask in a hash table that changes in place: a rule is seen by the programs that have it, and by no other
// (table/rule.h). A cell holds the masked words that the mask touches, then the rule's word.
#pragma once

#include <cstdint>

#include "packet/burst.h"
#include "table/cells.h"
#include "table/rule.h"

namespace vswitch {

class ExactTable {
 public:
  // The mask has at least one bit.
  ExactTable(const KeyWords& mask, size_t room, uint32_t seed = 1);

  // Improves hit[i] of each selected packet for which a stronger rule is here.
  void lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
  // The same for one packet, adding what it compares.
  void count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const;

  // The rest is the writer's. Values are those of a rule, without bits outside the mask.

  // The cell of the new rule; Cells::kNoCell where it has no room near its home.
  uint32_t insert(const KeyWords& value, RuleWord word) noexcept;
  // The cell of the rule of this value that the side sees.
  [[nodiscard]] uint32_t find(const KeyWords& value, Side side) const noexcept;
  [[nodiscard]] RuleWord word(uint32_t cell) const noexcept { return cells_.last_word(cell); }
  [[nodiscard]] KeyWords value(uint32_t cell) const noexcept;
  void set(uint32_t cell, RuleWord word) noexcept { cells_.set(cell, word); }
  void release(uint32_t cell) noexcept { cells_.release(cell); }

  [[nodiscard]] bool has_room(size_t more) const noexcept { return cells_.has_room(more); }
  [[nodiscard]] size_t used() const noexcept { return cells_.used(); }
  [[nodiscard]] uint32_t cells() const noexcept { return cells_.count(); }
  [[nodiscard]] uint32_t max_probes() const noexcept { return cells_.max_probes(); }
  [[nodiscard]] size_t memory_bytes() const noexcept { return cells_.memory_bytes(); }
  [[nodiscard]] static size_t bytes_for(const KeyWords& mask, size_t room);

 private:
  template <uint32_t kWords, bool kNear>
  void lookup_words(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
  void gather(const KeyWords& value, uint64_t* words) const noexcept;

  uint32_t word_count_ = 0;
  uint8_t word_[kKeyWords] = {};        // which words of the key the mask touches
  uint64_t word_mask_[kKeyWords] = {};  // and its bits in each
  Cells cells_;
};

}  // namespace vswitch
