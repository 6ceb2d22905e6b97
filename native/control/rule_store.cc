#include "control/rule_store.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_set>

namespace vswitch {
namespace {

Error bad(const std::string& what) { return error(ErrorCode::BAD_TRANSACTION, what); }

TableRule table_rule(const Rule& rule, uint32_t target) {
  return {rule.value, rule.mask, rule.tp_src, rule.tp_dst, rule.rank, target};
}

// Prefixes of every length must be possible: 33 masks for IPv4 and 129 for IPv6, and a few more.
constexpr uint32_t kSteeringMasks = 256;

Result<std::shared_ptr<const Steering>> compile_steering(const std::map<RuleId, Rule>& rules) {
  std::vector<TableRule> table_rules;
  NeedCounts needs;
  for (const auto& [id, rule] : rules) {
    table_rules.push_back(table_rule(rule, rule.slot));
    needs.add(Need::of(rule), kNoRule);
  }
  auto table = Table::compile(std::move(table_rules), kSteeringMasks);
  if (!table.ok()) return table.error();
  return std::shared_ptr<const Steering>(new Steering{std::move(table.value()), *needs.needs()});
}

}  // namespace

RuleStore::RuleStore(const Capacity& capacity, uint32_t max_masks, const LinkStates& links, size_t max_table_bytes)
    : max_rules_(capacity.rules),
      max_masks_(max_masks),
      max_table_bytes_(max_table_bytes),
      programs_(capacity.rules),
      places_(size_t{capacity.rules} * 2 + 1),
      known_(capacity.rules),
      groups_(capacity, links),
      steering_(compile_steering({}).value()) {
  tables_.fill(std::make_shared<SlotTables>());
}

Result<RuleStore::Staged> RuleStore::stage(Transaction transaction) {
  if (Status fault = check(transaction)) return *fault;
  Staged staged;
  staged.transaction = std::move(transaction);
  staged.targets = programs_.take(staged.transaction.add.size());
  Status fault = stage_rules(staged);
  if (!fault) fault = stage_tables(staged);
  if (!fault) fault = stage_steering(staged);
  if (!fault) return staged;
  programs_.give_back(staged.targets);
  return *fault;
}

Status RuleStore::check(const Transaction& transaction) const {
  std::unordered_set<RuleId> removed;
  for (const Removal& removal : transaction.remove) {
    if (removal.slot == kSteeringSlot) continue;
    if (!is_at(removal.id, {removal.slot, removal.table}) || !removed.insert(removal.id).second) {
      return bad("no rule " + std::to_string(removal.id) + " to remove in slot " + std::to_string(removal.slot) + ", table " +
                 std::to_string(removal.table));
    }
  }
  std::unordered_set<RuleId> added;  // rules of all tables share their ids, which index the counters
  added.reserve(transaction.add.size());
  for (const Rule& rule : transaction.add) {
    if (rule.id >= max_rules_)
      return error(ErrorCode::LIMIT_EXCEEDED,
                   "rule " + std::to_string(rule.id) + " is beyond the limit of " + std::to_string(max_rules_));
    const bool exists = known_[rule.id].target != kNoTarget && !removed.contains(rule.id);
    if (exists || !added.insert(rule.id).second) return bad("rule " + std::to_string(rule.id) + " exists");
    for (const Action& action : rule.actions) {
      if (action.kind == ActionKind::goto_table && action.argument <= rule.table)
        return bad("rule " + std::to_string(rule.id) + " goes back to table " + std::to_string(action.argument));
    }
  }
  return check_steering(transaction);
}

Status RuleStore::check_steering(const Transaction& transaction) const {
  std::set<RuleId> ids;
  for (const auto& [id, rule] : steer_) ids.insert(id);
  for (const Removal& removal : transaction.remove) {
    if (removal.slot == kSteeringSlot && ids.erase(removal.id) == 0)
      return bad("no steering rule " + std::to_string(removal.id) + " to remove");
  }
  for (const Rule& rule : transaction.steer) {
    if (!ids.insert(rule.id).second) return bad("steering rule " + std::to_string(rule.id) + " exists");
  }
  return {};
}

bool RuleStore::is_at(RuleId id, Home home) const {
  return id < max_rules_ && known_[id].target != kNoTarget && known_[id].home == home;
}

// Programs, and what they name.
Status RuleStore::stage_rules(Staged& staged) {
  GroupStore::References references;
  for (const Removal& removal : staged.transaction.remove) {
    if (removal.slot == kSteeringSlot) continue;
    if (const auto named = named_.find(known_[removal.id].target); named != named_.end()) references.add(named->second, -1);
  }
  const std::vector<Rule>& added = staged.transaction.add;
  for (size_t i = 0; i < added.size(); ++i) {
    references.add(added[i].actions, 1);
    if (i > 0 && added[i].actions.shares(added[i - 1].actions)) {
      ++staged.programs.back().rules;
      continue;
    }
    WrittenArena arena;
    auto program = ActionProgram::compile(added[i].actions, arena);
    if (!program.ok()) return program.error();
    staged.programs.push_back({std::move(program.value()), std::move(arena), 1});
  }
  auto groups = groups_.stage(staged.transaction, std::move(references));
  if (!groups.ok()) return groups.error();
  staged.groups = std::move(groups.value());
  return {};
}

Status RuleStore::stage_tables(Staged& staged) {
  std::map<Home, TableStore::Change> changes;
  for (const Removal& removal : staged.transaction.remove) {
    if (removal.slot != kSteeringSlot) changes[known_[removal.id].home].remove.push_back(known_[removal.id].target);
  }
  std::vector<TableRule>* into = nullptr;
  const std::vector<Rule>& added = staged.transaction.add;
  for (size_t i = 0; i < added.size(); ++i) {
    const Rule& rule = added[i];
    if (i == 0 || rule.slot != added[i - 1].slot || rule.table != added[i - 1].table)
      into = &changes[{rule.slot, rule.table}].add;
    if (into->empty()) into->reserve(added.size() - i);
    into->push_back(table_rule(rule, staged.targets[i]));
  }
  for (auto& [home, change] : changes) {
    auto table = store_at(home).rules.stage(std::move(change));
    if (!table.ok()) {
      return error(table.error().code,
                   "slot " + std::to_string(home.slot) + ", table " + std::to_string(home.table) + ": " + table.error().message);
    }
    staged.tables.emplace(home, std::move(table.value()));
  }
  return {};
}

Status RuleStore::stage_steering(Staged& staged) const {
  const Transaction& transaction = staged.transaction;
  const bool leaves =
      std::ranges::any_of(transaction.remove, [](const Removal& removal) { return removal.slot == kSteeringSlot; });
  if (!leaves && transaction.steer.empty()) return {};
  std::map<RuleId, Rule> rules = steer_;
  for (const Removal& removal : transaction.remove) {
    if (removal.slot == kSteeringSlot) rules.erase(removal.id);
  }
  for (const Rule& rule : transaction.steer) rules.emplace(rule.id, rule);
  auto steering = compile_steering(rules);
  if (!steering.ok()) return steering.error();
  staged.steering = std::move(steering.value());
  return {};
}

RuleStore::FlowTableStore& RuleStore::store_at(Home home) {
  return stores_.try_emplace(home, max_masks_, &places_, max_table_bytes_).first->second;
}

void RuleStore::commit(Staged staged) {
  for (const Removal& removal : staged.transaction.remove) {
    if (removal.slot == kSteeringSlot) {
      steer_.erase(removal.id);
    } else {
      remove(removal.id);
    }
  }
  size_t at = 0;
  for (StagedProgram& shared : staged.programs) {
    const uint32_t program = programs_.put(std::move(shared.program), std::move(shared.arena));
    for (const size_t end = at + shared.rules; at < end; ++at) {
      const Rule& rule = staged.transaction.add[at];
      programs_.bind(staged.targets[at], rule.id, program);
      add(rule, staged.targets[at]);
    }
  }
  for (Rule& rule : staged.transaction.steer) steer_.emplace(rule.id, std::move(rule));
  if (staged.steering) steering_ = std::move(staged.steering);
  groups_.commit(std::move(staged.groups));
  for (auto at = staged.tables.begin(); at != staged.tables.end();) {
    const TenantSlot slot = at->first.slot;
    auto tables = std::make_shared<SlotTables>(*tables_[slot]);
    for (; at != staged.tables.end() && at->first.slot == slot; ++at) {
      FlowTableStore& store = stores_.at(at->first);
      Table table = store.rules.commit(std::move(at->second));
      changed_.push_back(at->first);
      auto& place = (*tables)[at->first.table];
      place = store.count == 0 ? nullptr : std::make_shared<FlowTable>(std::move(table), store.count, store.needs.needs());
    }
    tables_[slot] = std::move(tables);
  }
}

void RuleStore::remove(RuleId id) {
  Known& known = known_[id];
  FlowTableStore& store = stores_.at(known.home);
  const NeedCounts::Key need = known.need;
  leaving_.push_back(known.target);
  named_.erase(known.target);
  known = {};
  --store.count;
  store.needs.remove(need, id, [&] {
    for (RuleId step = 1; step < max_rules_; ++step) {
      const RuleId other = (id + step) % max_rules_;
      if (known_[other].need == need) return other;
    }
    return kNoRule;
  });
}

void RuleStore::add(const Rule& rule, uint32_t target) {
  const Home home{rule.slot, rule.table};
  FlowTableStore& store = store_at(home);
  known_[rule.id] = {target, home, store.needs.add(Need::of(rule), rule.id)};
  ++store.count;
  GroupStore::References references;
  references.add(rule.actions, 1);
  if (!references.groups.empty() || !references.meters.empty()) named_.emplace(target, std::move(references));
}

void RuleStore::settle() {
  for (const Home& home : changed_) {
    const auto at = stores_.find(home);
    at->second.rules.settle();
    if (at->second.count == 0) stores_.erase(at);
  }
  changed_.clear();
  for (const uint32_t target : leaving_) programs_.free(target);
  leaving_.clear();
}

}  // namespace vswitch
