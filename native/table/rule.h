// A rule as tables see it: what it matches, how it ranks, and what the pipeline shall do, which is a number to tables.
#pragma once

#include <cstdint>

#include "base/hot.h"
#include "packet/flow_key.h"

namespace vswitch {

// Both ends are included, host byte order.
struct PortRange {
  uint16_t low = 0;
  uint16_t high = UINT16_MAX;

  friend bool operator==(const PortRange&, const PortRange&) = default;
};

struct TableRule {
  KeyWords value;  // no bit outside the mask
  KeyWords mask;
  // Asked for beside the mask, of FlowKey's tp_src and tp_dst; the full range where the mask says it all.
  PortRange tp_src;
  PortRange tp_dst;
  uint32_t rank = 0;  // the highest wins; among equals the lowest target
  uint32_t target = 0;
};

inline bool has_range(const TableRule& rule) { return rule.tp_src != PortRange{} || rule.tp_dst != PortRange{}; }

inline constexpr uint32_t kMaxTargets = 1u << 30;
inline constexpr uint32_t kNoTarget = UINT32_MAX;

// A rule in a word, of which the stronger is the larger: the rank plus one, then what is larger for a lower target, then in two
// bits by whom it is seen. 0 is no rule.
using RuleWord = uint64_t;

constexpr RuleWord rule_word(uint32_t rank, uint32_t target) {
  return uint64_t{rank + 1} << 32 | uint64_t{kMaxTargets - 1 - target} << 2;
}
VSWITCH_INLINE constexpr uint32_t order_of(RuleWord word) noexcept { return static_cast<uint32_t>(word >> 32); }
VSWITCH_INLINE constexpr uint32_t target_of(RuleWord word) noexcept {
  return kMaxTargets - 1 - (static_cast<uint32_t>(word) >> 2);
}

// A table that changes in place holds, while a change is published, rules that only who has the table of before sees, and rules
// that only who has the new one sees. These two at most are in use then; every other change is of the one side, every other of
// the other.
using Side = uint32_t;  // as it stands in the words of rules that are seen from one side only
inline constexpr Side kSides[] = {2, 3};
constexpr Side other_side(Side side) { return side ^ 1; }

inline constexpr RuleWord kStateBits = 3;
inline constexpr RuleWord kSettled = 0;  // seen by all
inline constexpr RuleWord kDead = 1;     // by nobody

VSWITCH_INLINE constexpr bool is_seen(RuleWord word, Side side) noexcept {
  const RuleWord state = word & kStateBits;
  return state == kSettled || state == side;
}
VSWITCH_INLINE constexpr RuleWord settled(RuleWord word) noexcept { return word & ~kStateBits; }
constexpr RuleWord in_state(RuleWord word, RuleWord state) { return settled(word) | state; }

// By one writer, beside readers.
VSWITCH_INLINE RuleWord load_word(const RuleWord& word) noexcept { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }
VSWITCH_INLINE void store_word(RuleWord& word, RuleWord value) noexcept { __atomic_store_n(&word, value, __ATOMIC_RELEASE); }

// The strongest rule that a look-up found so far, seen by all; Hit{} is none.
struct Hit {
  RuleWord word;

  [[nodiscard]] VSWITCH_INLINE bool found() const noexcept { return word != 0; }
  [[nodiscard]] VSWITCH_INLINE uint32_t target() const noexcept { return target_of(word); }
};

// What a look-up counts: nothing for packets, each cell and rule that is compared for tests.
struct NoCount {
  VSWITCH_INLINE void add() noexcept {}
};
struct Probes {
  uint32_t count = 0;
  VSWITCH_INLINE void add() noexcept { ++count; }
};

}  // namespace vswitch
