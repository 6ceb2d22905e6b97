// Rules and actions in few words.
#pragma once

#include <initializer_list>
#include <vector>

#include "action/program.h"
#include "control/rule.h"
#include "support/fields.h"

namespace vswitch::test {

struct Where {
  const char* name;
  Value128 value;
};

inline Rule rule(RuleId id, TenantSlot slot, uint32_t rank, std::initializer_list<Where> match, std::vector<Action> actions) {
  Rule made;
  made.id = id;
  made.slot = slot;
  made.rank = rank;
  for (const Where& where : match) {
    const FieldSpec& spec = field(where.name);
    place(spec, where.value, made.value);
    place(spec, all_ones(spec), made.mask);
    made.value.word[kFlagsWord] |= flags_word(spec.flags);
    made.mask.word[kFlagsWord] |= flags_word(spec.flags);
    made.headers |= spec.headers;
    if (spec.name == "in_port") made.in_port = static_cast<PortNumber>(where.value);
  }
  made.actions = std::move(actions);
  made.headers |= ActionProgram::headers(made.actions);
  return made;
}

// The rule in another table than 0.
inline Rule in_table(uint8_t table, Rule made) {
  made.table = table;
  return made;
}

inline Action act(ActionKind kind, uint16_t argument = 0, Value128 value = 0) { return {kind, argument, value, {}, {}}; }
inline Action output(PortNumber port) { return act(ActionKind::output, port); }
inline Action go_to(uint8_t table) { return act(ActionKind::goto_table, table); }
inline Action to_group(uint32_t number) { return act(ActionKind::group, 0, number); }
inline Action through_meter(uint32_t number) { return act(ActionKind::meter, 0, number); }
inline Action write_metadata(uint64_t value, uint64_t mask) {
  return act(ActionKind::write_metadata, 0, static_cast<Value128>(mask) << 64 | value);
}
inline Action write_actions(std::vector<Action> actions) {
  Action action = act(ActionKind::write_actions, static_cast<uint16_t>(actions.size()));
  action.actions = std::move(actions);
  return action;
}

inline Action set_masked(std::string_view name, Value128 value, Value128 mask) {
  Action action = act(ActionKind::set_field, static_cast<uint16_t>(&field(name) - kFields.data()), value);
  for (int i = 0; i < 16; ++i) action.payload.push_back(static_cast<uint8_t>(mask >> 8 * i));
  return action;
}
inline Action set_field(std::string_view name, Value128 value) { return set_masked(name, value, all_ones(field(name))); }
inline Action set_dst(uint64_t mac) { return set_field("eth_dst", mac); }
inline Action set_src(uint64_t mac) { return set_field("eth_src", mac); }
inline const Action kDecTtl{ActionKind::dec_ttl, 0, 0, {}, {}};

}  // namespace vswitch::test
