#include "table/store.h"

#include <utility>

namespace vswitch {
namespace {

// A comparison takes five instructions for 32 bytes of a key; a hash table takes about 30, and 17 for each word.
constexpr size_t kFewRules = 8;

}  // namespace

Table TableStore::commit(Staged staged) {
  side_ = other_side(side_);
  exact_.drop(staged.dissolved);
  if (staged.adopts) bury(*staged.base, staged.remove);
  // Rules that move to other parts would be in two.
  const bool moves = staged.recent && staged.recent->rules.empty() && !recent_.rules.empty();
  if (staged.base || moves || !staged.dissolved.empty()) rebuild_ = nullptr;
  for (const uint32_t target : staged.remove) remove(target, staged.base.has_value());
  add_direct(staged.direct);
  exact_.add(staged.exact, side_);
  routes_.add(staged.routes, side_);
  replace(base_, Place::kBase, std::move(staged.base));
  replace(recent_, Place::kRecent, std::move(staged.recent));
  return make_table();
}

void TableStore::settle() {
  exact_.settle();
  routes_.settle();
  for (RuleWord* const word : leaving_base_) store_word(*word, in_state(*word, kDead));
  leaving_base_.clear();
  start_rebuild();
}

void TableStore::remove(uint32_t target, bool base_is_replaced) {
  const Place place = (*places_)[target];
  if (rebuild_) rebuild_->leave(target);
  switch (place.part) {
    case Place::kNowhere:
    case Place::kRecent:  // which was compiled without it
      return;
    case Place::kDirect:
      return remove_direct(place.at);
    case Place::kBase:
      if (base_is_replaced) return;
      ++base_.dead;
      leaving_base_.push_back(base_.words[place.at]);
      return store_word(*leaving_base_.back(), in_state(*leaving_base_.back(), other_side(side_)));
    default:
      if (place.part >= Place::kRoutes && place.part < Place::kFirstExact) return routes_.remove(place, side_);
      return exact_.remove(place, target, side_);
  }
}

void TableStore::remove_direct(uint32_t at) {
  std::swap(direct_[at], direct_.back());
  put_place(direct_[at].target, Place::kDirect, at);
  direct_.pop_back();
}

void TableStore::add_direct(const std::vector<TableRule>& rules) {
  for (const TableRule& rule : rules) {
    put_place(rule.target, Place::kDirect, direct_.size());
    direct_.push_back(rule);
  }
}

void TableStore::replace(Rest& old, uint32_t part, std::optional<Rest> rest) {
  if (!rest) return;
  old = std::move(*rest);
  for (size_t i = 0; i < old.rules.size(); ++i) {
    if (*old.words[i] == settled(*old.words[i])) put_place(old.rules[i].target, part, i);
  }
}

void TableStore::put_place(uint32_t target, uint32_t part, size_t at) {
  if (places_ != nullptr) (*places_)[target] = {part, static_cast<uint32_t>(at)};
}

// The rules outside `direct`, where they are so few that comparing each is the cheapest look-up; else nothing.
std::vector<TableRule> TableStore::few() const {
  size_t count = base_.rules.size() - base_.dead + recent_.rules.size();
  for (const ExactSet::Part& part : exact_.parts()) count += part.rules;
  for (const RouteSet::Part& part : routes_.parts()) count += part.table->routes();
  std::vector<TableRule> rules;
  if (count > kFewRules || !routes_.parts().empty()) return rules;
  for (const ExactSet::Part& part : exact_.parts()) {
    if (part.rules == 0) continue;
    const std::vector<TableRule> more = exact_.rules_of(part, side_);
    rules.insert(rules.end(), more.begin(), more.end());
  }
  for (const Rest* rest : {&base_, &recent_}) {
    for (size_t i = 0; i < rest->rules.size(); ++i) {
      if (is_seen(*rest->words[i], side_)) rules.push_back(rest->rules[i]);
    }
  }
  return rules;
}

Table TableStore::make_table() const {
  std::vector<Table::Part> parts;
  if (const std::vector<TableRule> rules = few(); !rules.empty()) {
    const auto table = std::make_shared<LinearTable>(rules);
    parts.push_back({table->strongest(), nullptr, nullptr, nullptr, table});
    return {direct_, std::move(parts), side_};
  }
  for (const ExactSet::Part& part : exact_.parts()) {
    if (part.rules != 0) parts.push_back({part.strongest, part.table, nullptr, nullptr, nullptr});
  }
  for (const RouteSet::Part& part : routes_.parts()) {
    if (part.table->routes() != 0) parts.push_back({part.table->strongest(), nullptr, part.table, nullptr, nullptr});
  }
  for (const Rest* rest : {&base_, &recent_}) {
    for (const auto& table : rest->tables) parts.push_back({table->strongest(), nullptr, nullptr, table, nullptr});
  }
  return {direct_, std::move(parts), side_};
}

}  // namespace vswitch
