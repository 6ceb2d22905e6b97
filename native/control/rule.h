// Rules and transactions as the control thread keeps them; binding/decode makes them from a buffer.
#pragma once

#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "action/action.h"
#include "action/group.h"
#include "action/meter.h"
#include "base/ids.h"
#include "packet/flow_key.h"
#include "table/rule.h"

namespace vswitch {

// A rule's actions. Most rules do what others do: copies share one list, which does not change.
class ActionList {
 public:
  ActionList() = default;
  ActionList(std::vector<Action> actions) : list_(std::make_shared<const std::vector<Action>>(std::move(actions))) {}
  ActionList(std::initializer_list<Action> actions) : ActionList(std::vector<Action>(actions)) {}

  [[nodiscard]] const std::vector<Action>& get() const { return list_ ? *list_ : kNone; }
  operator const std::vector<Action>&() const { return get(); }
  [[nodiscard]] auto begin() const { return get().begin(); }
  [[nodiscard]] auto end() const { return get().end(); }
  [[nodiscard]] size_t size() const { return get().size(); }
  const Action& operator[](size_t at) const { return get()[at]; }
  // Whether it is the very list.
  [[nodiscard]] bool shares(const ActionList& other) const { return list_ == other.list_; }

 private:
  static inline const std::vector<Action> kNone;
  std::shared_ptr<const std::vector<Action>> list_;
};

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
  ActionList actions;
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
