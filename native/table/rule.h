// A rule as tables see it: what it matches, how it ranks, and what the pipeline shall do, which is a number to tables.
#pragma once

#include <cstdint>

#include "packet/flow_key.h"

namespace vswitch {

struct TableRule {
  KeyWords value;  // no bit outside the mask
  KeyWords mask;
  uint32_t rank = 0;  // the highest wins; among equals the first given
  uint32_t target = 0;
};

inline constexpr uint32_t kNoTarget = UINT32_MAX;

}  // namespace vswitch
