// Rules as given, made ready for a table.
#pragma once

#include <vector>

#include "table/rule.h"

namespace vswitch {

// Leaves the rules that a packet can reach: with prefixes in the mask instead of ranges, sorted by mask, each match once, and
// each with a rank of its own that keeps the order of ranks; the first given among equals is the strongest.
void keep_reachable(std::vector<TableRule>& rules);

}  // namespace vswitch
