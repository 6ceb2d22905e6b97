#include "control/rule_store.h"

#include <algorithm>
#include <set>
#include <string>

namespace vswitch {
namespace {

Error bad(const std::string& what) { return error(ErrorCode::BAD_TRANSACTION, what); }

template <typename List>
void add_named(List& list, uint32_t number, RuleId rule) {
  const auto known = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.first == number; });
  if (known == list.end()) list.emplace_back(number, rule);
}

void add_actions(const std::vector<Action>& actions, RuleId rule, PortNeeds& needs) {
  for (const Action& action : actions) {
    if (action.kind == ActionKind::group) add_named(needs.groups, static_cast<uint32_t>(action.value), rule);
    if (action.kind == ActionKind::meter) add_named(needs.meters, static_cast<uint32_t>(action.value), rule);
    if (action.kind == ActionKind::goto_table) needs.next_tables |= uint64_t{1} << action.argument;
    add_actions(action.actions, rule, needs);
  }
}

void add_rule(const Rule& rule, RuleId because, TableNeeds& table) {
  PortNeeds& needs = table.of(rule.in_port);
  needs.add(rule.headers, because);
  add_actions(rule.actions, because, needs);
}

TableRule table_rule(const Rule& rule, uint32_t target) {
  return {rule.value, rule.mask, rule.tp_src, rule.tp_dst, rule.rank, target};
}

constexpr RuleStore::Home kSteering{kSteeringSlot, 0};

}  // namespace

RuleStore::RuleStore(const Capacity& capacity, uint32_t max_masks, const LinkStates& links)
    : max_rules_(capacity.rules), max_masks_(max_masks), homes_(capacity.rules), groups_(capacity, links) {
  steering_ = compile_steering({}).value();
  tables_.fill(std::make_shared<SlotTables>());
}

Result<RuleStore::Staged> RuleStore::stage(Transaction transaction) const {
  if (Status fault = check(transaction)) return *fault;
  std::set<Home> changed;
  GroupStore::References references;
  for (const Removal& removal : transaction.remove) {
    const Home home{removal.slot, removal.table};
    changed.insert(home);
    references.add(find(removal.id, home)->actions, -1);
  }
  for (const Rule& rule : transaction.add) {
    changed.insert({rule.slot, rule.table});
    references.add(rule.actions, 1);
  }
  if (!transaction.steer.empty()) changed.insert(kSteering);

  Staged staged;
  auto groups = groups_.stage(transaction, std::move(references));
  if (!groups.ok()) return groups.error();
  staged.groups = std::move(groups.value());
  for (const Home& home : changed) {
    const std::vector<const Rule*> rules = after(transaction, home);
    if (home == kSteering) {
      auto steering = compile_steering(rules);
      if (!steering.ok()) return steering.error();
      staged.steering = std::move(steering.value());
      continue;
    }
    auto table = compile_table(rules);
    if (!table.ok()) {
      return error(table.error().code,
                   "slot " + std::to_string(home.slot) + ", table " + std::to_string(home.table) + ": " + table.error().message);
    }
    staged.tables.emplace(home, std::move(table.value()));
  }
  staged.transaction = std::move(transaction);
  return staged;
}

void RuleStore::commit(Staged staged) {
  for (const Removal& removal : staged.transaction.remove) {
    rules_[{removal.slot, removal.table}].erase(removal.id);
    if (removal.slot != kSteeringSlot) homes_[removal.id] = {};
  }
  for (Rule& rule : staged.transaction.add) {
    const Home home{rule.slot, rule.table};
    homes_[rule.id] = home;
    rules_[home].emplace(rule.id, std::move(rule));
  }
  for (Rule& rule : staged.transaction.steer) {
    const RuleId id = rule.id;
    rules_[kSteering].emplace(id, std::move(rule));
  }
  if (staged.steering) steering_ = std::move(staged.steering);
  groups_.commit(std::move(staged.groups));
  for (auto at = staged.tables.begin(); at != staged.tables.end();) {
    const TenantSlot slot = at->first.slot;
    auto tables = std::make_shared<SlotTables>(*tables_[slot]);
    for (; at != staged.tables.end() && at->first.slot == slot; ++at) (*tables)[at->first.table] = std::move(at->second);
    tables_[slot] = std::move(tables);
  }
}

const Rule* RuleStore::find(RuleId id, Home home) const {
  const auto rules = rules_.find(home);
  if (rules == rules_.end()) return nullptr;
  const auto rule = rules->second.find(id);
  return rule == rules->second.end() ? nullptr : &rule->second;
}

Status RuleStore::check(const Transaction& transaction) const {
  std::set<std::pair<bool, RuleId>> removed;  // whether of the steering table
  for (const Removal& removal : transaction.remove) {
    const bool fresh = removed.emplace(removal.slot == kSteeringSlot, removal.id).second;
    if (!fresh || find(removal.id, {removal.slot, removal.table}) == nullptr) {
      return bad("no rule " + std::to_string(removal.id) + " to remove in slot " + std::to_string(removal.slot) + ", table " +
                 std::to_string(removal.table));
    }
  }
  std::set<RuleId> added;  // rules of all tables share their ids, which index the counters
  for (const Rule& rule : transaction.add) {
    if (rule.id >= max_rules_)
      return error(ErrorCode::LIMIT_EXCEEDED,
                   "rule " + std::to_string(rule.id) + " is beyond the limit of " + std::to_string(max_rules_));
    const bool exists = homes_[rule.id].slot != kNowhere && !removed.contains({false, rule.id});
    if (exists || !added.insert(rule.id).second) return bad("rule " + std::to_string(rule.id) + " exists");
    for (const Action& action : rule.actions) {
      if (action.kind == ActionKind::goto_table && action.argument <= rule.table)
        return bad("rule " + std::to_string(rule.id) + " goes back to table " + std::to_string(action.argument));
    }
  }
  std::set<RuleId> steered;
  for (const Rule& rule : transaction.steer) {
    const bool exists = find(rule.id, kSteering) != nullptr && !removed.contains({true, rule.id});
    if (exists || !steered.insert(rule.id).second) return bad("steering rule " + std::to_string(rule.id) + " exists");
  }
  return {};
}

std::vector<const Rule*> RuleStore::after(const Transaction& transaction, Home home) const {
  std::set<RuleId> removed;
  for (const Removal& removal : transaction.remove) {
    if (Home{removal.slot, removal.table} == home) removed.insert(removal.id);
  }
  std::vector<const Rule*> rules;
  if (const auto present = rules_.find(home); present != rules_.end()) {
    for (const auto& [id, rule] : present->second) {
      if (!removed.contains(id)) rules.push_back(&rule);
    }
  }
  const bool steering = home == kSteering;
  for (const Rule& rule : steering ? transaction.steer : transaction.add) {
    if (steering || Home{rule.slot, rule.table} == home) rules.push_back(&rule);
  }
  std::sort(rules.begin(), rules.end(), [](const Rule* a, const Rule* b) { return a->id < b->id; });
  return rules;
}

Result<std::shared_ptr<const FlowTable>> RuleStore::compile_table(const std::vector<const Rule*>& rules) const {
  if (rules.empty()) return std::shared_ptr<const FlowTable>();
  std::vector<TableRule> table_rules;
  std::vector<ActionProgram> programs;
  WrittenArena arena;
  TableNeeds needs;
  table_rules.reserve(rules.size());
  programs.reserve(rules.size());
  for (const Rule* rule : rules) {
    auto program = ActionProgram::compile(rule->id, rule->actions, arena);
    if (!program.ok()) return program.error();
    table_rules.push_back(table_rule(*rule, static_cast<uint32_t>(programs.size())));
    programs.push_back(std::move(program.value()));
    add_rule(*rule, rule->id, needs);
  }
  auto table = Table::compile(std::move(table_rules), max_masks_);
  if (!table.ok()) return table.error();
  return std::shared_ptr<const FlowTable>(
      new FlowTable{std::move(table.value()), std::move(programs), std::move(arena), std::move(needs)});
}

Result<std::shared_ptr<const Steering>> RuleStore::compile_steering(const std::vector<const Rule*>& rules) const {
  std::vector<TableRule> table_rules;
  TableNeeds needs;
  for (const Rule* rule : rules) {
    table_rules.push_back(table_rule(*rule, rule->slot));
    add_rule(*rule, kNoRule, needs);
  }
  // Prefixes of every length must be possible: 33 masks for IPv4 and 129 for IPv6, and a few more.
  constexpr uint32_t kSteeringMasks = 256;
  auto table = Table::compile(std::move(table_rules), kSteeringMasks);
  if (!table.ok()) return table.error();
  return std::shared_ptr<const Steering>(new Steering{std::move(table.value()), std::move(needs)});
}

}  // namespace vswitch
