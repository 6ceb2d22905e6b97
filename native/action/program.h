// A rule's actions, compiled: a short array of ops that ends with every packet taken or dropped. Ops run one
// after the other over all packets of a burst that hit the rule, so that dispatch and counters are paid once for them.
#pragma once

#include <memory>
#include <span>

#include "action/action.h"
#include "base/ids.h"

namespace vswitch {

class alignas(64) ActionProgram {
 public:
  // Fails with BAD_TRANSACTION where an operand is out of range. No output at all is a drop (OpenFlow 1.3.5, section 5.10).
  static Result<ActionProgram> compile(RuleId rule, std::span<const Action> actions);

  // The headers that the actions work on.
  static HeaderSet headers(std::span<const Action> actions);

  // Runs the ops on the packets, which are the program's from then on.
  void run(const ActionContext& context, Selection& packets) const noexcept;

  [[nodiscard]] RuleId rule() const noexcept { return rule_; }

 private:
  static constexpr uint32_t kInline = 3;

  ActionProgram() = default;
  [[nodiscard]] const Op* ops() const noexcept { return more_ ? more_.get() : inline_; }

  RuleId rule_ = kNoRule;
  uint32_t count_ = 0;
  Op inline_[kInline] = {};
  std::unique_ptr<Op[]> more_;  // all ops, where they are more than kInline
};

static_assert(sizeof(ActionProgram) == 64, "one cache line for the common program");

}  // namespace vswitch
