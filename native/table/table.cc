#include "table/table.h"

#include <rte_byteorder.h>

#include <algorithm>
#include <string>

namespace vswitch {
namespace {

bool matches_all(const KeyWords& mask) { return mask == KeyWords{}; }

KeyWords in_port_mask() {
  KeyWords mask;
  mask.word[0] = 0xffff;  // in_port is the first two bytes, whatever the byte order
  return mask;
}

bool mask_less(const KeyWords& a, const KeyWords& b) {
  return std::lexicographical_compare(a.word, a.word + kKeyWords, b.word, b.word + kKeyWords);
}

// By mask, then value, then strongest first; the order of equals is kept.
bool rule_less(const TableRule& a, const TableRule& b) {
  if (a.mask != b.mask) return mask_less(a.mask, b.mask);
  if (a.value != b.value) return mask_less(a.value, b.value);
  return a.rank > b.rank;
}

}  // namespace

Result<Table> Table::compile(std::vector<TableRule> rules, uint32_t max_masks) {
  std::stable_sort(rules.begin(), rules.end(), rule_less);
  const auto same = [](const TableRule& a, const TableRule& b) { return a.mask == b.mask && a.value == b.value; };
  rules.erase(std::unique(rules.begin(), rules.end(), same), rules.end());

  Table table;
  auto first = rules.begin();
  // The empty mask sorts first.
  if (first != rules.end() && matches_all(first->mask)) {
    table.fallback_ = {first->rank + 1, first->target};
    ++first;
  }
  const bool by_port = std::all_of(first, rules.end(), [](const TableRule& rule) { return rule.mask == in_port_mask(); });
  if (by_port) {
    table.kind_ = rules.empty() ? Template::empty : Template::direct;
    table.by_port_.assign(kPorts, table.fallback_);
    for (; first != rules.end(); ++first) {
      const uint16_t port = rte_be_to_cpu_16(static_cast<uint16_t>(first->value.word[0]));
      if (port < kPorts && first->rank + 1 > table.by_port_[port].order) table.by_port_[port] = {first->rank + 1, first->target};
    }
    return table;
  }
  while (first != rules.end()) {
    const auto last = std::find_if(first, rules.end(), [&](const TableRule& rule) { return rule.mask != first->mask; });
    if (table.sub_tables_.size() == max_masks) {
      return error(ErrorCode::TABLE_UNBOUNDED, "the rules have more than " + std::to_string(max_masks) + " different masks");
    }
    table.sub_tables_.emplace_back(std::span<const TableRule>(first, last));
    first = last;
  }
  std::stable_sort(table.sub_tables_.begin(), table.sub_tables_.end(),
                   [](const ExactTable& a, const ExactTable& b) { return a.max_order() > b.max_order(); });
  table.kind_ = table.sub_tables_.size() == 1 ? Template::exact : Template::sub_tables;
  return table;
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
      return lookup_sub_tables(keys, selection, hits);
  }
}

void Table::lookup_sub_tables(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept {
  for (uint32_t i = 0; i < selection.count; ++i) hits[selection.index[i]] = fallback_;
  Selection open = selection;
  for (const ExactTable& sub_table : sub_tables_) {
    // A packet is done when nothing that follows can rank higher than what it has.
    Selection still;
    for (uint32_t i = 0; i < open.count; ++i) {
      if (hits[open.index[i]].order < sub_table.max_order()) still.add(open.index[i]);
    }
    if (still.count == 0) return;
    sub_table.lookup(keys, still, hits);
    open = still;
  }
}

uint32_t Table::worst_case_probes() const {
  uint32_t probes = kind_ == Template::direct ? 1 : 0;
  for (const ExactTable& sub_table : sub_tables_) probes += sub_table.max_probes();
  return probes;
}

size_t Table::memory_bytes() const {
  size_t bytes = by_port_.size() * sizeof(Hit);
  for (const ExactTable& sub_table : sub_tables_) bytes += sub_table.memory_bytes();
  return bytes;
}

}  // namespace vswitch
