// A rule as tables see it: what it matches, how it ranks, and what the pipeline shall do, which is a number to tables.
#pragma once

#include <cstdint>

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
  uint32_t rank = 0;  // the highest wins; among equals the first given
  uint32_t target = 0;
};

inline bool has_range(const TableRule& rule) { return rule.tp_src != PortRange{} || rule.tp_dst != PortRange{}; }

inline constexpr uint32_t kNoTarget = UINT32_MAX;

}  // namespace vswitch
