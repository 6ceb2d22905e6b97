// What a tenant's cycles are spent on. All that a burst took is stamped; of which stage it was, only of one burst in so many,
// since a stamp costs half of what a packet does. The others are split as those were.
#pragma once

#include <array>

#include "base/hot.h"
#include "meter/cycle_meter.h"

namespace vswitch {

using StageCycles = std::array<Cycles, kStages>;

// Of one payer; one writer.
class StageSplit {
 public:
  // Whether the stages of the burst that comes are to be stamped; those of the first are.
  VSWITCH_INLINE bool take() noexcept {
    if (left_ == 0) {
      left_ = kPeriod - 1;
      return true;
    }
    --left_;
    return false;
  }

  // Of a burst whose stages were stamped.
  void learn(const StageCycles& stamped) noexcept;

  // The stages of a burst of which only the sum is known; nothing of it is lost.
  [[nodiscard]] VSWITCH_INLINE StageCycles split(Cycles sum) const noexcept {
    StageCycles stages;
    Cycles left = sum;
    for (uint32_t i = 0; i < kStages; ++i) {
      stages[i] = sum * part_q16_[i] >> 16;
      left -= stages[i];
    }
    stages[most_] += left;
    return stages;
  }

 private:
  static constexpr uint32_t kPeriod = 16;

  uint32_t left_ = 0;
  uint32_t most_ = 0;                            // the stage that takes the most
  std::array<uint32_t, kStages> part_q16_ = {};  // of which the sum is 1 at most
  StageCycles recent_ = {};                      // the older a burst the less it counts
};

// Times the stages that one burst, or a tenant's part of one, goes through.
class StageTimer {
 public:
  // Without a split every stage is stamped.
  VSWITCH_INLINE StageTimer(CycleMeter& meter, StageSplit* split) noexcept
      : meter_(meter), split_(split), is_stamped_(split == nullptr || split->take()) {}

  // Ends a stage. Returns its cycles where they were stamped, else 0.
  VSWITCH_INLINE Cycles end_stage(Stage stage) noexcept {
    if (!kAccounting || !is_stamped_) return 0;
    const Cycles cycles = meter_.lap();
    stages_[static_cast<uint32_t>(stage)] += cycles;
    return cycles;
  }

  [[nodiscard]] bool is_stamped() const noexcept { return kAccounting && is_stamped_; }

  // After the last stage: all cycles since the stamp before the first. The caller charges them.
  VSWITCH_INLINE StageCycles end(Stage last) noexcept {
    if constexpr (!kAccounting) return {};
    if (__builtin_expect(!is_stamped_, 1)) return split_->split(meter_.lap());
    end_stage(last);
    if (split_ != nullptr) split_->learn(stages_);
    return stages_;
  }

 private:
  CycleMeter& meter_;
  StageSplit* const split_;
  const bool is_stamped_;
  StageCycles stages_ = {};
};

}  // namespace vswitch
