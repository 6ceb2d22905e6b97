#include "table/store.h"

#include <algorithm>
#include <set>
#include <string>

#include "table/range.h"

namespace vswitch {
namespace {

// What is compiled anew with each change that concerns it.
constexpr size_t kMostRecent = 256;
// Marked rules that a base may have, whatever its size; beyond it is compiled anew where they are the most of it.
constexpr size_t kMostDead = 64;
// An exact table of so many rules stays, whatever is beside it; smaller ones are compiled together with the base.
constexpr size_t kLarge = 4096;

KeyWords in_port_mask() {
  KeyWords mask;
  mask.word[0] = 0xffff;  // in_port is the first two bytes, whatever the byte order
  return mask;
}

bool is_direct(const TableRule& rule) { return !has_range(rule) && (rule.mask == KeyWords{} || rule.mask == in_port_mask()); }

bool has(const std::vector<uint32_t>& sorted, uint32_t number) {
  return std::binary_search(sorted.begin(), sorted.end(), number);
}

// Whether exact tables could hold all of them beside so many others.
bool are_plain(const std::vector<TableRule>& rules, size_t others, size_t most) {
  std::set<KeyWords> masks;
  for (const TableRule& rule : rules) {
    if (has_range(rule)) return false;
    masks.insert(rule.mask);
    if (masks.size() + others > most) return false;
  }
  return true;
}

Error unbounded(uint32_t tables) {
  return error(ErrorCode::TABLE_UNBOUNDED, "the rules have too many different masks or wide port ranges for " +
                                               std::to_string(tables) + " tables of rules with common bits");
}

}  // namespace

Result<TableStore::Staged> TableStore::stage(Change change) const {
  Staged staged;
  staged.remove = std::move(change.remove);
  std::sort(staged.remove.begin(), staged.remove.end());
  Sorted sorted = sort(std::move(change.add));
  const size_t exact_tables = place_fresh(sorted);
  staged.direct = std::move(sorted.direct);
  staged.exact = std::move(sorted.exact);
  if (Status fault = stage_rest(std::move(sorted.rest), exact_tables, staged)) return *fault;
  return staged;
}

TableStore::Sorted TableStore::sort(std::vector<TableRule> rules) const {
  Sorted sorted;
  for (TableRule& rule : rules) {
    if (!normalize(rule)) {
      if (places_ != nullptr) (*places_)[rule.target] = {};
    } else if (is_direct(rule)) {
      sorted.direct.push_back(rule);
    } else if (has_range(rule)) {
      sorted.rest.push_back(rule);
    } else if (exact_.part_of(rule.mask) != nullptr) {
      sorted.exact.push_back(rule);
    } else {
      sorted.fresh[rule.mask].push_back(rule);
    }
  }
  return sorted;
}

// Rules of masks without a table get one, or are among the rest. Returns how many exact tables there will be.
size_t TableStore::place_fresh(Sorted& sorted) const {
  size_t tables = exact_.parts().size();
  const bool with_rest =
      !base_.rules.empty() || !recent_.rules.empty() || !sorted.rest.empty() || tables + sorted.fresh.size() > max_tables_;
  for (auto& [mask, rules] : sorted.fresh) {
    const bool is_exact = !with_rest || (rules.size() >= kLarge && tables + 1 < max_tables_);
    std::vector<TableRule>& into = is_exact ? sorted.exact : sorted.rest;
    into.insert(into.end(), rules.begin(), rules.end());
    tables += is_exact ? 1 : 0;
  }
  return tables;
}

Status TableStore::stage_rest(std::vector<TableRule> added, size_t exact_tables, Staged& staged) const {
  std::vector<TableRule> recent;
  for (const TableRule& rule : recent_.rules) {
    if (!has(staged.remove, rule.target)) recent.push_back(rule);
  }
  const bool changes = !added.empty() || recent.size() != recent_.rules.size();
  recent.insert(recent.end(), added.begin(), added.end());
  size_t dead = base_.dead;
  for (const uint32_t target : staged.remove) dead += (*places_)[target].part == Place::kBase ? 1 : 0;
  const bool is_sparse = dead != 0 && (dead == base_.rules.size() || (dead > kMostDead && dead * 2 > base_.rules.size()));
  if (!is_sparse && recent.size() <= kMostRecent) {
    const size_t taken = exact_tables + base_.tables.size();
    if (!changes && taken <= max_tables_) return {};
    staged.recent = Rest::compile(recent, taken < max_tables_ ? static_cast<uint32_t>(max_tables_ - taken) : 0);
    if (staged.recent) return {};
  }
  return rebuild(std::move(recent), staged);
}

// `rules`: those that are neither in the base nor in exact tables.
Status TableStore::rebuild(std::vector<TableRule> rules, Staged& staged) const {
  for (size_t i = 0; i < base_.rules.size(); ++i) {
    const bool leaves = *base_.words[i] != settled(*base_.words[i]) || has(staged.remove, base_.rules[i].target);
    if (!leaves) rules.push_back(base_.rules[i]);
  }
  staged.recent = Rest{};
  if (dissolve(kLarge, rules, staged) || dissolve(SIZE_MAX, rules, staged)) return {};
  return unbounded(max_tables_);
}

// Compiles the rules together with those of exact tables of fewer than so many rules; false where that is too much.
bool TableStore::dissolve(size_t smaller_than, std::vector<TableRule> rules, Staged& staged) const {
  std::map<KeyWords, size_t> sizes;
  for (const ExactSet::Part& part : exact_.parts()) sizes[part.mask] += part.rules;
  for (const TableRule& rule : staged.exact) ++sizes[rule.mask];
  const size_t kept = std::ranges::count_if(sizes, [&](const auto& entry) { return entry.second >= smaller_than; });
  std::vector<uint32_t> dissolved;
  for (const ExactSet::Part& part : exact_.parts()) {
    if (sizes[part.mask] >= smaller_than) continue;
    for (const TableRule& rule : exact_.rules_of(part)) {
      if (!has(staged.remove, rule.target)) rules.push_back(rule);
    }
    dissolved.push_back(part.id);
  }
  std::vector<TableRule> exact;
  for (const TableRule& rule : staged.exact) (sizes[rule.mask] >= smaller_than ? exact : rules).push_back(rule);
  if (are_plain(rules, kept, max_tables_)) {
    exact.insert(exact.end(), rules.begin(), rules.end());
    rules.clear();
  }
  auto base = Rest::compile(std::move(rules), kept < max_tables_ ? static_cast<uint32_t>(max_tables_ - kept) : 0);
  if (!base) return false;
  staged.base = std::move(base);
  staged.exact = std::move(exact);
  staged.dissolved = std::move(dissolved);
  return true;
}

Table TableStore::commit(Staged staged) {
  side_ = other_side(side_);
  exact_.drop(staged.dissolved);
  for (const uint32_t target : staged.remove) remove(target, staged.base.has_value());
  add_direct(staged.direct);
  exact_.add(staged.exact, side_);
  replace(base_, Place::kBase, std::move(staged.base));
  replace(recent_, Place::kRecent, std::move(staged.recent));
  return make_table();
}

void TableStore::settle() {
  exact_.settle();
  for (RuleWord* const word : leaving_base_) store_word(*word, in_state(*word, kDead));
  leaving_base_.clear();
}

void TableStore::remove(uint32_t target, bool base_is_replaced) {
  const Place place = (*places_)[target];
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
  for (size_t i = 0; i < old.rules.size(); ++i) put_place(old.rules[i].target, part, i);
}

void TableStore::put_place(uint32_t target, uint32_t part, size_t at) {
  if (places_ != nullptr) (*places_)[target] = {part, static_cast<uint32_t>(at)};
}

Table TableStore::make_table() const {
  std::vector<Table::Part> parts;
  for (const ExactSet::Part& part : exact_.parts()) {
    if (part.rules != 0) parts.push_back({part.strongest, part.table, nullptr});
  }
  for (const Rest* rest : {&base_, &recent_}) {
    for (const auto& table : rest->tables) parts.push_back({table->strongest(), nullptr, table});
  }
  return {direct_, std::move(parts), side_};
}

}  // namespace vswitch
