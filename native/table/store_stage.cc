#include "table/store.h"

#include <algorithm>
#include <set>
#include <string>

#include "table/range.h"

namespace vswitch {
namespace {

// Up to so many masks get exact tables of their own; a look-up in fewer tables that rules of several masks share is the cheaper.
constexpr size_t kFewMasks = 8;
// From so many prefixes of so many lengths on a route table is the cheaper look-up, in spite of its memory.
constexpr size_t kManyRoutes = 256;
constexpr size_t kManyLengths = 3;
// Marked rules that a base may have, whatever its size; beyond it is compiled anew where they are the most of it.
constexpr size_t kMostDead = 64;

KeyWords in_port_mask() {
  KeyWords mask;
  mask.word[0] = 0xffff;  // in_port is the first two bytes, whatever the byte order
  return mask;
}

bool is_direct(const TableRule& rule) { return !has_range(rule) && (rule.mask == KeyWords{} || rule.mask == in_port_mask()); }

bool has(const std::vector<uint32_t>& sorted, uint32_t number) {
  return std::binary_search(sorted.begin(), sorted.end(), number);
}

bool has_id(const std::vector<uint32_t>& ids, uint32_t id) { return std::ranges::find(ids, id) != ids.end(); }

// How many exact tables would hold the rules; none can hold port ranges.
size_t masks_of(const std::vector<TableRule>& rules) {
  std::set<KeyWords> masks;
  for (const TableRule& rule : rules) {
    if (has_range(rule)) return SIZE_MAX;
    masks.insert(rule.mask);
  }
  return masks.size();
}

// Whether so many exact tables are a cheaper look-up than so many that rules of several masks share: these compare more.
bool is_cheaper(size_t exact, size_t shared) { return exact <= shared + shared / 2; }

// Whether the mask is the family's with some prefix.
bool is_prefix_of(const KeyWords& mask, const RouteFamily& family) {
  TableRule rule{family.value, mask, {}, {}, 0, 0};
  RouteFamily other;
  return RouteTable::prefix_of(rule, other) && other.mask == family.mask;
}

Error unbounded(uint32_t tables) {
  return error(ErrorCode::TABLE_UNBOUNDED, "the rules have too many different masks or wide port ranges for " +
                                               std::to_string(tables) + " tables of rules with common bits");
}

Error too_large(size_t bytes, size_t limit) {
  constexpr size_t kMib = 1u << 20;
  return error(ErrorCode::LIMIT_EXCEEDED, "the table would need " + std::to_string((bytes + kMib - 1) / kMib) +
                                              " MiB of memory, and may have " + std::to_string(limit / kMib));
}

}  // namespace

Result<TableStore::Staged> TableStore::stage(Change change) const {
  Staged staged;
  const bool grows = !change.add.empty();
  staged.remove = std::move(change.remove);
  std::sort(staged.remove.begin(), staged.remove.end());
  Sorted sorted = sort(std::move(change.add), staged.remove);
  take_routes(staged.remove, sorted);
  const size_t tables = place_fresh(sorted);
  staged.direct = std::move(sorted.direct);
  staged.exact = std::move(sorted.exact);
  staged.routes = std::move(sorted.routes);
  staged.dissolved = std::move(sorted.dissolved);
  if (Status fault = stage_rest(std::move(sorted.rest), tables, staged)) return *fault;
  if (!grows || max_bytes_ == SIZE_MAX) return staged;
  if (const size_t bytes = bytes_after(staged); bytes > max_bytes_) return too_large(bytes, max_bytes_);
  return staged;
}

// What leaves makes room for others, but gives back nothing.
size_t TableStore::bytes_after(const Staged& staged) const {
  size_t bytes = exact_.bytes_with(staged.exact, staged.dissolved) + routes_.bytes_with(staged.routes);
  for (const Rest* rest : {staged.base ? &*staged.base : &base_, staged.recent ? &*staged.recent : &recent_}) {
    for (const auto& table : rest->tables) bytes += table->memory_bytes();
  }
  return bytes;
}

TableStore::Sorted TableStore::sort(std::vector<TableRule> rules, const std::vector<uint32_t>& leaving) const {
  Sorted sorted;
  RouteSet::Admissions routes(routes_, leaving);
  RouteFamily family;
  const auto put = [&](std::vector<TableRule>& into, const TableRule& rule) {
    if (into.empty()) into.reserve(rules.size());
    into.push_back(rule);
  };
  std::vector<TableRule>* fresh = nullptr;  // of the mask of the rule before
  const KeyWords* mask = nullptr;
  for (TableRule& rule : rules) {
    if (!normalize(rule)) {
      if (places_ != nullptr) (*places_)[rule.target] = {};
    } else if (is_direct(rule)) {
      put(sorted.direct, rule);
    } else if (has_range(rule)) {
      put(sorted.rest, rule);
    } else if (const auto prefix = RouteTable::prefix_of(rule, family);
               prefix && routes_.table_of(family) != nullptr && routes.admit(rule, family, *prefix)) {
      put(sorted.routes, rule);
    } else if (exact_.part_of(rule.mask) != nullptr) {
      put(sorted.exact, rule);
    } else {
      if (mask == nullptr || *mask != rule.mask) {
        const auto at = sorted.fresh.try_emplace(rule.mask).first;
        mask = &at->first;
        fresh = &at->second;
      }
      put(*fresh, rule);
    }
  }
  return sorted;
}

// A family of prefixes that would be many exact tables gets a route table. What it does not admit stays as it was.
void TableStore::take_routes(const std::vector<uint32_t>& leaving, Sorted& sorted) const {
  struct Count {
    size_t rules = 0;
    size_t lengths = 0;
  };
  std::map<RouteFamily, Count> counts;
  RouteFamily family;
  for (const auto& [mask, rules] : sorted.fresh) {
    std::set<RouteFamily> seen;
    for (const TableRule& rule : rules) {
      if (!RouteTable::prefix_of(rule, family) || routes_.table_of(family) != nullptr) continue;
      ++counts[family].rules;
      counts[family].lengths += seen.insert(family).second ? 1 : 0;
    }
  }
  // Exact tables there are of the same mask but for the prefix.
  for (auto& [fresh, count] : counts) {
    for (const ExactSet::Part& part : exact_.parts()) {
      if (!is_prefix_of(part.mask, fresh)) continue;
      count.rules += part.rules;
      ++count.lengths;
    }
  }
  std::erase_if(counts,
                [](const auto& entry) { return entry.second.rules < kManyRoutes || entry.second.lengths < kManyLengths; });
  if (counts.empty()) return;
  RouteSet::Admissions routes(routes_, leaving);
  const auto take = [&](const TableRule& rule) {
    const auto prefix = RouteTable::prefix_of(rule, family);
    if (!prefix || !counts.contains(family) || !routes.admit(rule, family, *prefix)) return false;
    sorted.routes.push_back(rule);
    return true;
  };
  for (auto& [mask, rules] : sorted.fresh) std::erase_if(rules, take);
  std::erase_if(sorted.fresh, [](const auto& entry) { return entry.second.empty(); });
  std::erase_if(sorted.exact, take);
  for (const ExactSet::Part& part : exact_.parts()) {
    if (std::ranges::none_of(counts, [&](const auto& entry) { return is_prefix_of(part.mask, entry.first); })) continue;
    sorted.dissolved.push_back(part.id);
    for (const TableRule& rule : exact_.rules_of(part, side_)) {
      if (!has(leaving, rule.target) && !take(rule)) sorted.exact.push_back(rule);
    }
  }
}

// Rules of masks without a table get one, or are among the rest. Returns how many tables these will be,
// route tables included.
size_t TableStore::place_fresh(Sorted& sorted) const {
  const Counts there = count(sorted.exact, sorted.routes, sorted.dissolved);
  size_t tables = there.exact.size() + there.routes;
  const bool with_rest = !base_.rules.empty() || !recent_.rules.empty() || !sorted.rest.empty() ||
                         tables + sorted.fresh.size() > std::min<size_t>(max_tables_, kFewMasks);
  for (auto& [mask, rules] : sorted.fresh) {
    const bool is_exact = !with_rest || (rules.size() >= kLargeExact && tables + 1 < max_tables_);
    std::vector<TableRule>& into = is_exact ? sorted.exact : sorted.rest;
    if (into.empty()) {
      into = std::move(rules);
    } else {
      into.insert(into.end(), rules.begin(), rules.end());
    }
    tables += is_exact ? 1 : 0;
  }
  return tables;
}

Status TableStore::stage_rest(std::vector<TableRule> added, size_t tables, Staged& staged) const {
  std::vector<TableRule> recent;
  for (const TableRule& rule : recent_.rules) {
    if (!has(staged.remove, rule.target)) recent.push_back(rule);
  }
  const bool changes = !added.empty() || recent.size() != recent_.rules.size();
  recent.insert(recent.end(), added.begin(), added.end());
  size_t dead = base_.dead;
  for (const uint32_t target : staged.remove) dead += (*places_)[target].part == Place::kBase ? 1 : 0;
  if (dead < base_.rules.size() && adopt(added, staged)) return {};
  const bool waits = dead < base_.rules.size() && rebuilds_beside();
  if (recent.size() <= (waits ? kMostWaiting : kMostRecent) && (waits || !is_sparse(dead))) {
    const size_t taken = tables + base_.tables.size();
    if (!changes && taken <= max_tables_) return {};
    staged.recent = compile(recent, taken, staged.exact);
    if (staged.recent) return {};
  }
  return rebuild(std::move(recent), staged);
}

bool TableStore::is_sparse(size_t dead) const {
  return dead != 0 && (dead == base_.rules.size() || (dead > kMostDead && dead * 2 > base_.rules.size()));
}

// `rules`: those that are neither in the base nor in exact tables.
Status TableStore::rebuild(std::vector<TableRule> rules, Staged& staged) const {
  for (size_t i = 0; i < base_.rules.size(); ++i) {
    const bool leaves = *base_.words[i] != settled(*base_.words[i]) || has(staged.remove, base_.rules[i].target);
    if (!leaves) rules.push_back(base_.rules[i]);
  }
  staged.recent = Rest{};
  if (dissolve(kLargeExact, rules, staged) || dissolve(SIZE_MAX, rules, staged)) return {};
  return unbounded(max_tables_);
}

// Compiles the rules together with those of exact tables of fewer than so many rules; false where that is too much.
bool TableStore::dissolve(size_t smaller_than, std::vector<TableRule> rules, Staged& staged) const {
  const Counts there = count(staged.exact, staged.routes, staged.dissolved);
  const auto is_kept = [&](const KeyWords& mask) { return there.exact.at(mask) >= smaller_than; };
  const size_t kept = there.routes + std::ranges::count_if(there.exact, [&](const auto& entry) { return is_kept(entry.first); });
  std::vector<uint32_t> dissolved = staged.dissolved;
  for (const ExactSet::Part& part : exact_.parts()) {
    if (has_id(staged.dissolved, part.id) || is_kept(part.mask)) continue;
    for (const TableRule& rule : exact_.rules_of(part, side_)) {
      if (!has(staged.remove, rule.target)) rules.push_back(rule);
    }
    dissolved.push_back(part.id);
  }
  std::vector<TableRule> exact;
  for (const TableRule& rule : staged.exact) (is_kept(rule.mask) ? exact : rules).push_back(rule);
  auto base = compile(std::move(rules), kept, exact);
  if (!base) return false;
  staged.base = std::move(base);
  staged.exact = std::move(exact);
  staged.dissolved = std::move(dissolved);
  return true;
}

// Compiles the rules beside so many tables; where exact tables are the cheaper they are among `exact`, and nothing is compiled.
std::optional<Rest> TableStore::compile(std::vector<TableRule> rules, size_t beside, std::vector<TableRule>& exact) const {
  const size_t room = beside < max_tables_ ? max_tables_ - beside : 0;
  const size_t masks = masks_of(rules);
  const auto as_exact = [&] {
    exact.insert(exact.end(), rules.begin(), rules.end());
    return Rest{};
  };
  if (masks <= std::min(room, kFewMasks)) return as_exact();
  auto rest = Rest::compile(rules, static_cast<uint32_t>(room));
  return masks <= room && (!rest || is_cheaper(masks, rest->tables.size())) ? as_exact() : std::move(rest);
}

TableStore::Counts TableStore::count(const std::vector<TableRule>& exact, const std::vector<TableRule>& routes,
                                     const std::vector<uint32_t>& dissolved) const {
  Counts counts;
  for (const ExactSet::Part& part : exact_.parts()) {
    if (!has_id(dissolved, part.id)) counts.exact[part.mask] += part.rules;
  }
  for (const TableRule& rule : exact) ++counts.exact[rule.mask];
  std::set<RouteFamily> families;
  RouteFamily family;
  for (const RouteSet::Part& part : routes_.parts()) families.insert(part.table->family());
  for (const TableRule& rule : routes) {
    if (RouteTable::prefix_of(rule, family)) families.insert(family);
  }
  counts.routes = families.size();
  return counts;
}

}  // namespace vswitch
