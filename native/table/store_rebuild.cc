#include <algorithm>

#include "table/store.h"

namespace vswitch {
namespace {

// A smaller base is compiled by the change that makes it necessary.
constexpr size_t kLargeBase = 1024;

bool has(const std::vector<uint32_t>& sorted, uint32_t number) {
  return std::binary_search(sorted.begin(), sorted.end(), number);
}

}  // namespace

bool TableStore::rebuilds_beside() const {
  if (places_ == nullptr || base_.rules.size() - base_.dead < kLargeBase) return false;
  return !rebuild_ || !rebuild_->is_done() || rebuild_->rest();
}

void TableStore::start_rebuild() {
  if (rebuild_ || !(recent_.rules.size() > kMostRecent || is_sparse(base_.dead)) || !rebuilds_beside()) return;
  std::vector<TableRule> rules;
  std::vector<uint32_t> dissolved;
  rules.reserve(base_.rules.size() + recent_.rules.size());
  for (size_t i = 0; i < base_.rules.size(); ++i) {
    if (*base_.words[i] == settled(*base_.words[i])) rules.push_back(base_.rules[i]);
  }
  rules.insert(rules.end(), recent_.rules.begin(), recent_.rules.end());
  for (const ExactSet::Part& part : exact_.parts()) {
    if (part.rules >= kLargeExact) continue;
    const std::vector<TableRule> more = exact_.rules_of(part, side_);
    rules.insert(rules.end(), more.begin(), more.end());
    dissolved.push_back(part.id);
  }
  const size_t beside = exact_.parts().size() - dissolved.size() + routes_.parts().size();
  if (beside >= max_tables_) return;
  rebuild_ = Rebuild::start(std::move(rules), std::move(dissolved), static_cast<uint32_t>(max_tables_ - beside));
}

// The new base where there is one, with what became recent since it was begun; false where there is none, or no room for them.
bool TableStore::adopt(const std::vector<TableRule>& added, Staged& staged) const {
  if (!rebuild_ || !rebuild_->is_done() || !rebuild_->rest()) return false;
  const Rest& base = *rebuild_->rest();
  const std::vector<uint32_t>& left = rebuild_->left();
  std::vector<TableRule> recent = added;
  const auto keep = [&](const TableRule& rule) {
    const bool is_in_base = has(rebuild_->targets(), rule.target) && !has(left, rule.target);
    if (!is_in_base && !has(staged.remove, rule.target)) recent.push_back(rule);
  };
  for (const TableRule& rule : recent_.rules) keep(rule);
  std::vector<uint32_t> dissolved = staged.dissolved;
  std::vector<KeyWords> masks;
  for (const ExactSet::Part& part : exact_.parts()) {
    if (std::ranges::find(rebuild_->dissolved(), part.id) == rebuild_->dissolved().end()) continue;
    for (const TableRule& rule : exact_.rules_of(part, side_)) keep(rule);
    dissolved.push_back(part.id);
    masks.push_back(part.mask);
  }
  std::vector<TableRule> exact;
  for (const TableRule& rule : staged.exact)
    (std::ranges::find(masks, rule.mask) == masks.end() ? exact : recent).push_back(rule);
  const Counts there = count(exact, staged.routes, dissolved);
  const size_t taken = there.exact.size() + there.routes + base.tables.size();
  if (taken > max_tables_ || recent.size() > kMostWaiting) return false;
  auto compiled = compile(std::move(recent), taken, exact);
  if (!compiled) return false;
  staged.recent = std::move(compiled);
  staged.exact = std::move(exact);
  staged.dissolved = std::move(dissolved);
  staged.base = base;
  staged.adopts = true;
  return true;
}

// Rules that left since the base was begun, or leave now, are in it and seen by nobody.
void TableStore::bury(Rest& base, const std::vector<uint32_t>& leaving) {
  for (size_t i = 0; i < base.rules.size(); ++i) {
    const uint32_t target = base.rules[i].target;
    if (!has(rebuild_->left(), target) && !has(leaving, target)) continue;
    store_word(*base.words[i], in_state(*base.words[i], kDead));
    ++base.dead;
  }
}

}  // namespace vswitch
