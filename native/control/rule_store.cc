#include "control/rule_store.h"

#include <algorithm>
#include <set>
#include <string>

namespace vswitch {
namespace {

Error bad(const std::string& what) { return error(ErrorCode::BAD_TRANSACTION, what); }

TenantSlot home_of(const Rule& rule, bool steering) { return steering ? kSteeringSlot : rule.slot; }

void add_need(std::vector<HeaderNeed>& needs, const Rule& rule) {
  const auto known =
      std::find_if(needs.begin(), needs.end(), [&](const HeaderNeed& need) { return need.in_port == rule.in_port; });
  if (known == needs.end()) {
    needs.push_back({rule.in_port, rule.headers});
  } else {
    known->headers |= rule.headers;
  }
}

}  // namespace

RuleStore::RuleStore(uint32_t max_rules, uint32_t max_masks) : max_rules_(max_rules), max_masks_(max_masks) {
  steering_ = compile_steering({}).value();
  tables_.fill(compile_table({}).value());
}

Result<RuleStore::Staged> RuleStore::stage(Transaction transaction) const {
  if (Status fault = check(transaction)) return *fault;
  std::set<TenantSlot> changed;
  for (const Removal& removal : transaction.remove) changed.insert(removal.slot);
  for (const Rule& rule : transaction.add) changed.insert(rule.slot);
  if (!transaction.steer.empty()) changed.insert(kSteeringSlot);

  Staged staged;
  for (const TenantSlot slot : changed) {
    const std::vector<const Rule*> rules = after(transaction, slot);
    if (slot == kSteeringSlot) {
      auto steering = compile_steering(rules);
      if (!steering.ok()) return steering.error();
      staged.steering = std::move(steering.value());
      continue;
    }
    auto table = compile_table(rules);
    if (!table.ok()) return table.error();
    staged.tables.emplace(slot, std::move(table.value()));
  }
  staged.transaction = std::move(transaction);
  return staged;
}

void RuleStore::commit(Staged staged) {
  for (const Removal& removal : staged.transaction.remove) rules_[removal.slot].erase(removal.id);
  for (Rule& rule : staged.transaction.add) {
    const RuleId id = rule.id;
    rules_[rule.slot].emplace(id, std::move(rule));
  }
  for (Rule& rule : staged.transaction.steer) {
    const RuleId id = rule.id;
    rules_[kSteeringSlot].emplace(id, std::move(rule));
  }
  if (staged.steering) steering_ = std::move(staged.steering);
  for (auto& [slot, table] : staged.tables) tables_[slot] = std::move(table);
}

Status RuleStore::check(const Transaction& transaction) const {
  std::set<std::pair<TenantSlot, RuleId>> removed;
  for (const Removal& removal : transaction.remove) {
    const auto slot = rules_.find(removal.slot);
    if (slot == rules_.end() || !slot->second.contains(removal.id) || !removed.emplace(removal.slot, removal.id).second) {
      return bad("no rule " + std::to_string(removal.id) + " to remove in slot " + std::to_string(removal.slot));
    }
  }
  std::set<RuleId> added;  // rules of all slots share their ids, which index the counters
  const auto taken = [&](TenantSlot slot, const Rules& rules, RuleId id) {
    return rules.contains(id) && !removed.contains({slot, id});
  };
  for (const Rule& rule : transaction.add) {
    if (rule.id >= max_rules_)
      return error(ErrorCode::LIMIT_EXCEEDED,
                   "rule " + std::to_string(rule.id) + " is beyond the limit of " + std::to_string(max_rules_));
    const bool exists = std::any_of(rules_.begin(), rules_.end(), [&](const auto& entry) {
      return entry.first != kSteeringSlot && taken(entry.first, entry.second, rule.id);
    });
    if (exists || !added.insert(rule.id).second) return bad("rule " + std::to_string(rule.id) + " exists");
  }
  std::set<RuleId> steered;
  for (const Rule& rule : transaction.steer) {
    const auto steering = rules_.find(kSteeringSlot);
    const bool exists = steering != rules_.end() && taken(kSteeringSlot, steering->second, rule.id);
    if (exists || !steered.insert(rule.id).second) return bad("steering rule " + std::to_string(rule.id) + " exists");
  }
  return {};
}

std::vector<const Rule*> RuleStore::after(const Transaction& transaction, TenantSlot slot) const {
  std::set<RuleId> removed;
  for (const Removal& removal : transaction.remove) {
    if (removal.slot == slot) removed.insert(removal.id);
  }
  std::vector<const Rule*> rules;
  if (const auto present = rules_.find(slot); present != rules_.end()) {
    for (const auto& [id, rule] : present->second) {
      if (!removed.contains(id)) rules.push_back(&rule);
    }
  }
  const bool steering = slot == kSteeringSlot;
  for (const Rule& rule : steering ? transaction.steer : transaction.add) {
    if (home_of(rule, steering) == slot) rules.push_back(&rule);
  }
  std::sort(rules.begin(), rules.end(), [](const Rule* a, const Rule* b) { return a->id < b->id; });
  return rules;
}

Result<std::shared_ptr<const FlowTable>> RuleStore::compile_table(const std::vector<const Rule*>& rules) const {
  std::vector<TableRule> table_rules;
  std::vector<ActionProgram> programs;
  std::vector<HeaderNeed> needs;
  table_rules.reserve(rules.size());
  programs.reserve(rules.size());
  for (const Rule* rule : rules) {
    auto program = ActionProgram::compile(rule->id, rule->actions);
    if (!program.ok()) return program.error();
    table_rules.push_back({rule->value, rule->mask, rule->rank, static_cast<uint32_t>(programs.size())});
    programs.push_back(std::move(program.value()));
    add_need(needs, *rule);
  }
  auto table = Table::compile(std::move(table_rules), max_masks_);
  if (!table.ok()) return table.error();
  return std::shared_ptr<const FlowTable>(new FlowTable{std::move(table.value()), std::move(programs), std::move(needs)});
}

Result<std::shared_ptr<const Steering>> RuleStore::compile_steering(const std::vector<const Rule*>& rules) const {
  std::vector<TableRule> table_rules;
  std::vector<HeaderNeed> needs;
  for (const Rule* rule : rules) {
    table_rules.push_back({rule->value, rule->mask, rule->rank, rule->slot});
    add_need(needs, *rule);
  }
  // Prefixes of every length must be possible: 33 masks for IPv4 and 129 for IPv6, and a few more.
  constexpr uint32_t kSteeringMasks = 256;
  auto table = Table::compile(std::move(table_rules), kSteeringMasks);
  if (!table.ok()) return table.error();
  return std::shared_ptr<const Steering>(new Steering{std::move(table.value()), std::move(needs)});
}

}  // namespace vswitch
