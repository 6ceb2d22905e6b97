#include "meter/stage_timer.h"

#include <algorithm>
#include <numeric>

namespace vswitch {

void StageSplit::learn(const StageCycles& stamped) noexcept {
  constexpr uint32_t kMemory = 8;
  for (uint32_t i = 0; i < kStages; ++i) recent_[i] += stamped[i] - recent_[i] / kMemory;
  const Cycles sum = std::accumulate(recent_.begin(), recent_.end(), Cycles{0});
  if (sum == 0) return;
  for (uint32_t i = 0; i < kStages; ++i) part_q16_[i] = static_cast<uint32_t>((recent_[i] << 16) / sum);
  most_ = static_cast<uint32_t>(std::max_element(recent_.begin(), recent_.end()) - recent_.begin());
}

}  // namespace vswitch
