#include "action/written.h"

#include <string>

#include "action/program.h"

namespace vswitch {
namespace {

// Places in a set, in the order of section 5.10. Fields are set at neighbouring places, each its own.
constexpr uint16_t kFieldPlaces = 64;
static_assert(kFields.size() <= kFieldPlaces);

enum Place : uint16_t {
  kDecapPlace,
  kPopPlace,
  kPushPlace,
  kTtlPlace,
  kFieldPlace,
  kReplyPlace = kFieldPlace + kFieldPlaces,
  kEncapPlace,
  kMirrorPlace,
  kGroupPlace,
  kOutputPlace,
  kPlaces,
};

uint16_t place_of(const Action& action) {
  switch (action.kind) {
    case ActionKind::decap:
      return kDecapPlace;
    case ActionKind::pop_vlan:
      return kPopPlace;
    case ActionKind::push_vlan:
      return kPushPlace;
    case ActionKind::dec_ttl:
      return kTtlPlace;
    case ActionKind::set_field:
      return static_cast<uint16_t>(kFieldPlace + action.argument);
    case ActionKind::arp_reply:
      return kReplyPlace;
    case ActionKind::encap:
      return kEncapPlace;
    case ActionKind::mirror:
      return kMirrorPlace;
    case ActionKind::group:
      return kGroupPlace;
    case ActionKind::output:
      return kOutputPlace;
    default:
      return kPlaces;
  }
}

}  // namespace

Result<std::unique_ptr<const WrittenActions>> WrittenActions::compile(std::span<const Action> actions) {
  auto written = std::make_unique<WrittenActions>();
  for (const Action& action : actions) {
    const uint16_t place = place_of(action);
    if (place >= kPlaces) {
      return error(ErrorCode::BAD_TRANSACTION,
                   "action number " + std::to_string(static_cast<int>(action.kind)) + " in an action set");
    }
    WrittenArena none;
    const auto at = static_cast<uint16_t>(written->ops_.size());
    if (Status fault = compile_action(action, none, written->ops_)) return *fault;
    written->steps_.push_back({place, at});
  }
  return std::unique_ptr<const WrittenActions>(std::move(written));
}

HeaderSet WriteActions::headers(const Action& action) { return ActionProgram::headers(action.actions); }

Status WriteActions::check(const Action& action) {
  if (action.actions.size() <= kMaxActions) return {};
  return error(ErrorCode::BAD_TRANSACTION, std::to_string(action.actions.size()) + " actions in an action set");
}

Op WriteActions::op(const WrittenActions* written) {
  Op op{ActionKind::write_actions};
  memcpy(op.bytes, &written, sizeof written);
  return op;
}

void WriteActions::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  const WrittenActions* written;
  memcpy(&written, op.bytes, sizeof written);
  Burst& burst = context.burst;
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint32_t packet = packets.index[i];
    ActionSet& set = burst.action_set[packet];
    if ((burst.written & packet_bit(packet)) == 0) {
      burst.written |= packet_bit(packet);
      set.count = 0;
    }
    // At most one write a table, and tables are met in rising order.
    set.writes[set.count++] = written;
  }
}

void run_action_set(const ActionContext& context, uint32_t packet, Selection& packets) noexcept {
  const Op* step_at[kPlaces] = {};
  const ActionSet& set = context.burst.action_set[packet];
  for (uint32_t i = 0; i < set.count; ++i) {
    for (const WrittenActions::Step& step : set.writes[i]->steps()) step_at[step.place] = &set.writes[i]->op(step);
  }
  context.burst.written &= ~packet_bit(packet);
  // A group takes the place of an output.
  if (step_at[kGroupPlace] != nullptr) step_at[kOutputPlace] = nullptr;
  packets.count = 0;
  packets.add(packet);
  for (uint32_t place = 0; place < kPlaces && packets.count != 0; ++place) {
    if (step_at[place] != nullptr) run_op(context, *step_at[place], packets);
  }
}

}  // namespace vswitch
