#include "table/table.h"

#include <rte_byteorder.h>

#include <algorithm>
#include <string>
#include <utility>

#include "table/partition.h"
#include "table/reachable.h"

namespace vswitch {
namespace {

// Chains that are tried first: longer ones make fewer tables, and a worse worst case.
constexpr uint32_t kShortChain = 16;

bool matches_all(const TableRule& rule) { return rule.mask == KeyWords{} && !has_range(rule); }

KeyWords in_port_mask() {
  KeyWords mask;
  mask.word[0] = 0xffff;  // in_port is the first two bytes, whatever the byte order
  return mask;
}

bool matches_port(const TableRule& rule) { return rule.mask == in_port_mask() && !has_range(rule); }

size_t count_masks(std::span<const TableRule> rules) {
  size_t masks = 0;
  for (size_t i = 0; i < rules.size(); ++i) masks += i == 0 || rules[i].mask != rules[i - 1].mask ? 1 : 0;
  return masks;
}

// Strongest first.
template <class SubTable>
void sort_tables(std::vector<SubTable>& tables) {
  std::sort(tables.begin(), tables.end(), [](const SubTable& a, const SubTable& b) { return a.max_order() > b.max_order(); });
}

}  // namespace

Result<Table> Table::compile(std::vector<TableRule> rules, uint32_t max_masks) {
  keep_reachable(rules);
  Table table;
  if (rules.empty()) return table;
  const auto all = std::find_if(rules.begin(), rules.end(), matches_all);
  if (all != rules.end()) {
    table.fallback_ = {all->rank + 1, all->target};
    rules.erase(all);
  }
  if (std::all_of(rules.begin(), rules.end(), matches_port)) {
    table.make_direct(rules);
  } else if (std::none_of(rules.begin(), rules.end(), has_range) && count_masks(rules) <= max_masks) {
    table.make_exact(rules);
  } else if (!table.make_merged(std::move(rules), max_masks)) {
    return error(ErrorCode::TABLE_UNBOUNDED, "the rules have too many different masks or wide port ranges for " +
                                                 std::to_string(max_masks) + " tables of rules with common bits");
  }
  return table;
}

void Table::make_direct(std::span<const TableRule> rules) {
  kind_ = Template::direct;
  by_port_.assign(kPorts, fallback_);
  for (const TableRule& rule : rules) {
    const uint16_t port = rte_be_to_cpu_16(static_cast<uint16_t>(rule.value.word[0]));
    if (port < kPorts && rule.rank + 1 > by_port_[port].order) by_port_[port] = {rule.rank + 1, rule.target};
  }
}

void Table::make_exact(std::span<const TableRule> rules) {
  for (auto first = rules.begin(); first != rules.end();) {
    const auto last = std::find_if(first, rules.end(), [&](const TableRule& rule) { return rule.mask != first->mask; });
    sub_tables_.emplace_back(std::span<const TableRule>(first, last));
    first = last;
  }
  sort_tables(sub_tables_);
  kind_ = sub_tables_.size() == 1 ? Template::exact : Template::sub_tables;
}

bool Table::make_merged(std::vector<TableRule> rules, uint32_t max_tables) {
  if (rules.size() > MergedTable::kMaxRules) return false;
  kind_ = Template::merged;
  std::sort(rules.begin(), rules.end(), [](const TableRule& a, const TableRule& b) { return a.rank > b.rank; });
  std::vector<Part> parts;
  for (uint32_t chain = kShortChain; parts.empty() && chain <= MergedTable::kMaxChain; chain *= 2) {
    parts = partition(rules, max_tables, chain);
  }
  for (const Part& part : parts) {
    std::vector<TableRule> chosen;
    chosen.reserve(part.rules.size());
    for (const uint32_t rule : part.rules) chosen.push_back(rules[rule]);
    merged_.emplace_back(chosen, part.mask);
  }
  sort_tables(merged_);
  return !parts.empty();
}

VSWITCH_HOT void Table::lookup(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept {
  switch (kind_) {
    case Template::empty:
      for (uint32_t i = 0; i < selection.count; ++i) hits[selection.index[i]] = {};
      return;
    case Template::direct:
      for (uint32_t i = 0; i < selection.count; ++i) {
        hits[selection.index[i]] = by_port_[rte_be_to_cpu_16(keys[selection.index[i]].in_port)];
      }
      return;
    case Template::exact:
      for (uint32_t i = 0; i < selection.count; ++i) hits[selection.index[i]] = fallback_;
      return sub_tables_.front().lookup(keys, selection, hits);
    case Template::sub_tables:
      return lookup_each(sub_tables_, keys, selection, hits);
    case Template::merged:
      return lookup_each(merged_, keys, selection, hits);
  }
}

template <class SubTable>
VSWITCH_HOT void Table::lookup_each(const std::vector<SubTable>& tables, const FlowKey* keys, const Selection& selection,
                                    Hit* hits) const noexcept {
  for (uint32_t i = 0; i < selection.count; ++i) hits[selection.index[i]] = fallback_;
  Selection open = selection;
  for (const SubTable& table : tables) {
    // A packet is done when nothing that follows can rank higher than what it has.
    Selection still;
    for (uint32_t i = 0; i < open.count; ++i) {
      if (hits[open.index[i]].order < table.max_order()) still.add(open.index[i]);
    }
    if (still.count == 0) return;
    table.lookup(keys, still, hits);
    open = still;
  }
}

uint32_t Table::probes(const FlowKey& key) const {
  Hit hit = fallback_;
  Probes probes{kind_ == Template::direct ? 1u : 0u};
  const auto look = [&](const auto& table) {
    if (hit.order < table.max_order()) table.count(key, hit, probes);
  };
  std::for_each(sub_tables_.begin(), sub_tables_.end(), look);
  std::for_each(merged_.begin(), merged_.end(), look);
  return probes.count;
}

uint32_t Table::worst_case_probes() const {
  uint32_t probes = kind_ == Template::direct ? 1 : 0;
  for (const ExactTable& table : sub_tables_) probes += table.max_probes();
  for (const MergedTable& table : merged_) probes += table.max_probes();
  return probes;
}

uint32_t Table::longest_chain() const {
  uint32_t longest = 0;
  for (const MergedTable& table : merged_) longest = std::max(longest, table.max_chain());
  return longest;
}

size_t Table::memory_bytes() const {
  size_t bytes = by_port_.size() * sizeof(Hit);
  for (const ExactTable& table : sub_tables_) bytes += table.memory_bytes();
  for (const MergedTable& table : merged_) bytes += table.memory_bytes();
  return bytes;
}

}  // namespace vswitch
