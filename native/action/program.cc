#include "action/program.h"

#include <algorithm>
#include <string>

#include "action/list.h"

namespace vswitch {
namespace {

Status check_one(const Action& action) {
  switch (action.kind) {
#define X(name, type)    \
  case ActionKind::name: \
    return type::check(action);
    VSWITCH_ACTIONS(X)
#undef X
  }
  return error(ErrorCode::BAD_TRANSACTION, "action number " + std::to_string(static_cast<int>(action.kind)));
}

void append(const Action& action, std::vector<Op>& ops) {
  switch (action.kind) {
#define X(name, type)    \
  case ActionKind::name: \
    return type::append(action, ops);
    VSWITCH_ACTIONS(X)
#undef X
  }
}

bool rewrites(ActionKind kind) {
  switch (kind) {
#define X(name, type)    \
  case ActionKind::name: \
    return type::kRewrites;
    VSWITCH_ACTIONS(X)
#undef X
  }
  return true;
}

// Whether the action itself reads the packet anew, all of it.
constexpr bool rereads(ActionKind kind) { return kind == ActionKind::encap || kind == ActionKind::decap; }

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

// Marks the op that may send the packet itself: the last output or group, with nothing behind it that could concern anybody.
void mark_last(std::vector<Op>& ops) {
  Op* last = nullptr;
  for (size_t at = 0; at < ops.size(); at += 1u + ops[at].extra) {
    if (ops[at].kind == ActionKind::output || ops[at].kind == ActionKind::group) {
      last = &ops[at];
    } else if (ops[at].kind == ActionKind::meter || !rewrites(ops[at].kind)) {
      last = nullptr;
    }
  }
  if (last != nullptr) last->flags |= kLastOp;
}

void mark_unread(std::vector<Op>& ops) {
  Op* encap = nullptr;
  for (size_t at = 0; at < ops.size(); at += 1u + ops[at].extra) {
    if (ops[at].kind == ActionKind::encap) {
      encap = &ops[at];
    } else if (ops[at].kind != ActionKind::output) {
      encap = nullptr;
    }
  }
  if (encap == nullptr) return;
  encap->flags |= kUnread;
  const Op* const output = encap + 1 + encap->extra;
  if (output < ops.data() + ops.size() && output->argument <= kMaxPort) encap->argument = output->argument;
}

}  // namespace

Status compile_action(const Action& action, WrittenArena& arena, std::vector<Op>& ops) {
  if (Status fault = check_one(action)) return fault;
  if (action.kind == ActionKind::write_actions) {
    auto written = WrittenActions::compile(action.actions);
    if (!written.ok()) return written.error();
    arena.push_back(std::move(written.value()));
    ops.push_back(WriteActions::op(arena.back().get()));
  }
  append(action, ops);
  return {};
}

Result<ActionProgram> ActionProgram::compile(std::span<const Action> actions, WrittenArena& arena) {
  if (actions.size() > kMaxActions)
    return error(ErrorCode::BAD_TRANSACTION, std::to_string(actions.size()) + " actions in a rule");
  ActionProgram program;
  std::vector<Op> ops;
  size_t before = 0;  // where the op before begins
  for (const Action& action : actions) {
    std::vector<Op> own;
    if (Status fault = compile_action(action, arena, own)) return *fault;
    program.is_stale_ = !rereads(action.kind) && (program.is_stale_ || rewrites(action.kind));
    if (action.kind == ActionKind::goto_table || action.kind == ActionKind::resubmit) {
      program.next_table_ = static_cast<uint8_t>(action.argument);
      program.resubmits_ = action.kind == ActionKind::resubmit;
    }
    if (own.empty() || (!ops.empty() && SetField::merge(ops[before], own.front()))) continue;
    before = ops.size();
    ops.insert(ops.end(), own.begin(), own.end());
  }
  if (program.next_table_ == kNoTable) {
    mark_last(ops);
    mark_unread(ops);
  }
  if (Forward step; Forward::compile(ops, step)) {
    program.count_ = kStep;
    memcpy(program.inline_, &step, sizeof step);
    return program;
  }
  program.count_ = static_cast<uint16_t>(ops.size());
  if (ops.size() > kInline) program.more_ = std::make_unique<Op[]>(ops.size());
  std::copy(ops.begin(), ops.end(), program.more_ ? program.more_.get() : reinterpret_cast<Op*>(program.inline_));
  return program;
}

bool operator==(const ActionProgram& a, const ActionProgram& b) noexcept {
  return !a.more_ && !b.more_ && a.count_ == b.count_ && a.next_table_ == b.next_table_ && a.is_stale_ == b.is_stale_ &&
         a.resubmits_ == b.resubmits_ && memcmp(a.inline_, b.inline_, sizeof a.inline_) == 0;
}

uint64_t ActionProgram::hash() const noexcept {
  uint64_t hash = uint64_t{count_} << 8 | next_table_;
  for (size_t at = 0; at < sizeof inline_; at += sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, inline_ + at, sizeof word);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
  }
  return hash;
}

Status ActionProgram::check(std::span<const Action> actions) {
  for (const Action& action : actions) {
    if (Status fault = check_one(action)) return fault;
    if (Status fault = check(action.actions)) return fault;
  }
  return {};
}

HeaderSet ActionProgram::headers(std::span<const Action> actions) {
  HeaderSet headers = 0;
  for (const Action& action : actions) {
    switch (action.kind) {
#define X(name, type)                 \
  case ActionKind::name:              \
    headers |= type::headers(action); \
    break;
      VSWITCH_ACTIONS(X)
#undef X
    }
  }
  return headers;
}

VSWITCH_HOT void ActionProgram::run(const ActionContext& context, Selection& packets) const noexcept {
  if (const Forward* const step = forward()) return step->run(context, packets);
  const Op* const first = ops();
  for (uint32_t at = 0; at < count_ && packets.count != 0; at += 1u + first[at].extra) apply(context, first[at], packets);
}

void run_op(const ActionContext& context, const Op& op, Selection& packets) noexcept { apply(context, op, packets); }

}  // namespace vswitch
