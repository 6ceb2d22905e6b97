// A few rules, each of which is compared with every packet: the cheapest look-up as long as they are few, and one whose cost no
// packet changes. Immutable.
//
// Keys are compared a quarter (32 bytes) at a time, and only the quarters of which a rule asks something.
#pragma once

#include <span>
#include <vector>

#include "packet/burst.h"
#include "table/rule.h"

namespace vswitch {

class LinearTable {
 public:
  explicit LinearTable(std::span<const TableRule> rules);

  // Improves hit[i] of each selected packet for which a stronger rule is here.
  void lookup(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;
  void count(const FlowKey& key, Hit& hit, Probes& probes) const;
  [[nodiscard]] uint32_t max_probes() const { return static_cast<uint32_t>(rules_.size()); }
  [[nodiscard]] RuleWord strongest() const { return strongest_; }
  [[nodiscard]] size_t memory_bytes() const;

 private:
  static constexpr uint32_t kQuarters = sizeof(FlowKey) / 32;

  struct alignas(32) Pattern {
    uint64_t mask[4];
    uint64_t value[4];
  };
  struct Ranked {
    RuleWord word;
    PortRange tp_src;
    PortRange tp_dst;
  };

  template <uint32_t kCount, bool kRanges>
  void lookup_quarters(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;

  uint32_t quarters_ = 0;  // how many are compared
  uint8_t quarter_[kQuarters] = {};
  bool has_ranges_ = false;
  RuleWord strongest_ = 0;
  std::vector<Ranked> rules_;
  std::vector<Pattern> patterns_;  // of each rule: quarters_
};

}  // namespace vswitch
