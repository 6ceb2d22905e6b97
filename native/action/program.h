// A rule's or a bucket's actions, compiled: one step where they are the common ones, else a short array of ops. Ops run one after
// the other over all packets of a burst that hit the rule, so that dispatch and counters are paid once for them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "action/action.h"
#include "action/forward.h"
#include "base/ids.h"

namespace vswitch {

// What ops point at: the writes to action sets, which live as long as the table or group whose programs they are of.
using WrittenArena = std::vector<std::shared_ptr<const WrittenActions>>;

inline constexpr uint8_t kNoTable = 0xff;

class alignas(64) ActionProgram {
 public:
  // Fails with BAD_TRANSACTION where an operand is out of range.
  static Result<ActionProgram> compile(std::span<const Action> actions, WrittenArena& arena);

  // Programs that are equal do the same; those with more ops than fit in a line are not equal to any other.
  friend bool operator==(const ActionProgram& a, const ActionProgram& b) noexcept;
  [[nodiscard]] uint64_t hash() const noexcept;

  // Whether every operand is in range, as compile() asks.
  static Status check(std::span<const Action> actions);

  // The headers that checked actions work on, but for those of the groups and meters that they name.
  static HeaderSet headers(std::span<const Action> actions);

  // Runs the ops; the packets that are left go on to next_table(), or are at their end.
  void run(const ActionContext& context, Selection& packets) const noexcept;

  // Null where the program is not that step alone.
  [[nodiscard]] VSWITCH_INLINE const Forward* forward() const noexcept {
    return count_ == kStep ? reinterpret_cast<const Forward*>(inline_) : nullptr;
  }

  [[nodiscard]] uint8_t next_table() const noexcept { return next_table_; }
  // Whether next_table() may be one that the packets have been in.
  [[nodiscard]] bool resubmits() const noexcept { return resubmits_; }
  // Whether packets have other headers afterwards than those that were read.
  [[nodiscard]] bool is_stale() const noexcept { return is_stale_; }

 private:
  static constexpr uint32_t kInline = 3;
  static constexpr uint16_t kStep = UINT16_MAX;

  ActionProgram() = default;
  [[nodiscard]] const Op* ops() const noexcept { return more_ ? more_.get() : reinterpret_cast<const Op*>(inline_); }

  uint16_t count_ = 0;  // places of 16 bytes; kStep: a Forward is there
  uint8_t next_table_ = kNoTable;
  bool is_stale_ = false;
  bool resubmits_ = false;
  alignas(8) std::byte inline_[kInline * sizeof(Op)] = {};
  std::unique_ptr<Op[]> more_;  // all ops, where they are more than kInline
};

static_assert(sizeof(Forward) <= 3 * sizeof(Op));
static_assert(sizeof(ActionProgram) == 64, "one cache line for the common program");

// Appends the ops of one action.
Status compile_action(const Action& action, WrittenArena& arena, std::vector<Op>& ops);

// Runs one op.
void run_op(const ActionContext& context, const Op& op, Selection& packets) noexcept;

}  // namespace vswitch
