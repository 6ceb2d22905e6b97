// Rules and transactions as the control thread keeps them; binding/decode makes them from a buffer.
#pragma once

#include <vector>

#include "action/action.h"
#include "action/group.h"
#include "action/meter.h"
#include "base/ids.h"
#include "packet/flow_key.h"
#include "table/rule.h"

namespace vswitch {

struct Rule {
  RuleId id = 0;
  TenantSlot slot = 0;
  uint8_t table = 0;
  uint32_t rank = 0;
  KeyWords value;
  KeyWords mask;
  PortRange tp_src;
  PortRange tp_dst;
  PortNumber in_port = 0;  // where the rule matches one port exactly; 0: any
  HeaderSet headers = 0;   // read for the match and the actions, but for those of groups and meters
  std::vector<Action> actions;
};

// The slot of a rule in the steering table, whose own `slot` is where packets are steered to.
inline constexpr TenantSlot kSteeringSlot = 0xffff;

struct Removal {
  RuleId id = 0;
  TenantSlot slot = 0;
  uint8_t table = 0;
};

// Applied as a whole or not at all; removals first.
struct Transaction {
  std::vector<Removal> remove;
  std::vector<Rule> add;
  std::vector<Rule> steer;
  std::vector<GroupSpec> put_groups;
  std::vector<uint32_t> remove_groups;
  std::vector<MeterSpec> put_meters;
  std::vector<uint32_t> remove_meters;
};

}  // namespace vswitch
