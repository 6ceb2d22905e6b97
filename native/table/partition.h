// Which rules share a MergedTable: the fewest tables that greed finds.
#pragma once

#include <span>
#include <vector>

#include "base/limits.h"
#include "table/rule.h"

namespace vswitch {

struct Part {
  KeyWords mask;                // what is hashed
  std::vector<uint32_t> rules;  // indices, in the order given
};

// At most `max_parts` parts, in each at most `max_chain` rules that agree in the part's mask. Nothing if that cannot be done.
// The rules are sorted, strongest first.
std::vector<Part> partition(std::span<const TableRule> rules, uint32_t max_parts, uint32_t max_chain);

}  // namespace vswitch
