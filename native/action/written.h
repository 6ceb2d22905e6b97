// write_actions and clear_actions: the action set, which is done when a packet's way through the tables ends (OpenFlow 1.3.5,
// section 5.10).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "action/action.h"

namespace vswitch {

// What one write_actions puts into the set: an op for each kind of action, and for each field that it sets.
class WrittenActions {
 public:
  // Fails with BAD_TRANSACTION where an action cannot be in a set.
  static Result<std::unique_ptr<const WrittenActions>> compile(std::span<const Action> actions);

  struct Step {
    uint16_t place;  // in the order in which a set is done; a set has one step at each place
    uint16_t at;     // of the op
  };
  [[nodiscard]] std::span<const Step> steps() const noexcept { return steps_; }
  [[nodiscard]] const Op& op(const Step& step) const noexcept { return ops_[step.at]; }

 private:
  std::vector<Step> steps_;
  std::vector<Op> ops_;
};

struct WriteActions {
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action& action);
  static Status check(const Action& action);
  static void append(const Action&, std::vector<Op>&) {}  // compile_action does, with what it compiled
  static Op op(const WrittenActions* written);
  static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

struct ClearActions {
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return 0; }
  static Status check(const Action&) { return {}; }
  static void append(const Action&, std::vector<Op>& ops) { ops.push_back({ActionKind::clear_actions}); }
  static void apply(const ActionContext& context, const Op&, Selection& packets) noexcept {
    for (uint32_t i = 0; i < packets.count; ++i) context.burst.written &= ~packet_bit(packets.index[i]);
  }
};

// Does the packet's action set. What it leaves is in `packets`, as after the ops of a rule.
void run_action_set(const ActionContext& context, uint32_t packet, Selection& packets) noexcept;

}  // namespace vswitch
