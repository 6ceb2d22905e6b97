#include "action/program.h"

#include <algorithm>
#include <vector>

#include "action/list.h"

namespace vswitch {
namespace {

Status check(const Action& action) {
  switch (action.kind) {
#define X(name, type)    \
  case ActionKind::name: \
    return type::check(action);
    VSWITCH_ACTIONS(X)
#undef X
  }
  return error(ErrorCode::BAD_TRANSACTION, "action number " + std::to_string(static_cast<int>(action.kind)));
}

Op encode(const Action& action) {
  switch (action.kind) {
#define X(name, type)    \
  case ActionKind::name: \
    return type::encode(action);
    VSWITCH_ACTIONS(X)
#undef X
  }
  __builtin_unreachable();
}

VSWITCH_INLINE void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  switch (op.kind) {
#define X(name, type)    \
  case ActionKind::name: \
    return type::apply(context, op, packets);
    VSWITCH_ACTIONS(X)
#undef X
  }
  __builtin_unreachable();
}

bool ends(const Op& op) { return op.kind == ActionKind::drop || op.kind == ActionKind::output; }

}  // namespace

Result<ActionProgram> ActionProgram::compile(RuleId rule, std::span<const Action> actions) {
  if (actions.size() > kMaxActions)
    return error(ErrorCode::BAD_TRANSACTION, std::to_string(actions.size()) + " actions in a rule");
  std::vector<Op> ops;
  for (const Action& action : actions) {
    if (Status fault = check(action)) return *fault;
    const Op op = encode(action);
    if (ops.empty() || !SetField::merge(ops.back(), op)) ops.push_back(op);
  }
  // What comes after the last output changes a packet that nobody gets.
  while (!ops.empty() && !ends(ops.back())) ops.pop_back();
  if (ops.empty()) ops.push_back(Drop::encode({ActionKind::drop, static_cast<uint16_t>(DropReason::rule_drop), 0}));
  if (ops.back().kind == ActionKind::output) ops.back().flags |= Output::kLast;

  ActionProgram program;
  program.rule_ = rule;
  program.count_ = static_cast<uint32_t>(ops.size());
  if (ops.size() > kInline) program.more_ = std::make_unique<Op[]>(ops.size());
  std::copy(ops.begin(), ops.end(), program.more_ ? program.more_.get() : program.inline_);
  return program;
}

HeaderSet ActionProgram::headers(std::span<const Action> actions) {
  HeaderSet headers = 0;
  for (const Action& action : actions) {
    switch (action.kind) {
#define X(name, type)          \
  case ActionKind::name:       \
    headers |= type::kHeaders; \
    break;
      VSWITCH_ACTIONS(X)
#undef X
    }
  }
  return headers;
}

VSWITCH_HOT void ActionProgram::run(const ActionContext& context, Selection& packets) const noexcept {
  const Op* const first = ops();
  for (uint32_t i = 0; i < count_ && packets.count != 0; ++i) apply(context, first[i], packets);
}

}  // namespace vswitch
