// A compiled flow table: the cheapest template that can express its rules. Immutable; workers share it between programs.
//
//   empty      no rule at all
//   direct     rules that match nothing, or in_port alone: an array by port
//   exact      rules of one mask
//   sub_tables a bounded number of exact tables, one a mask, strongest first
//   merged     port ranges, or more masks than that: as many tables that rules of several masks share, strongest first
//
// The worst case of a look-up follows from the rules alone: it visits each sub-table at most once, and the chains of rules in it
// have a bound.
#pragma once

#include <span>
#include <vector>

#include "base/limits.h"
#include "base/status.h"
#include "table/exact.h"
#include "table/merged.h"
#include "table/rule.h"

namespace vswitch {

enum class Template : uint8_t { empty, direct, exact, sub_tables, merged };

class Table {
 public:
  // Rules of a lower rank that match exactly what another does are left out: no packet can reach them.
  // Fails with TABLE_UNBOUNDED where `max_masks` tables cannot hold the rules; 64 rules always fit.
  static Result<Table> compile(std::vector<TableRule> rules, uint32_t max_masks);

  // Sets hits[i] of each selected packet to the strongest rule that matches it.
  void lookup(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;

  [[nodiscard]] Template kind() const { return kind_; }
  // Cells and rules that the look-up of a key compares.
  [[nodiscard]] uint32_t probes(const FlowKey& key) const;
  // And at most of any key: the longest probe and chain of each sub-table.
  [[nodiscard]] uint32_t worst_case_probes() const;
  [[nodiscard]] uint32_t longest_chain() const;
  [[nodiscard]] size_t table_count() const { return sub_tables_.size() + merged_.size(); }
  [[nodiscard]] size_t memory_bytes() const;

 private:
  Table() = default;
  void make_direct(std::span<const TableRule> rules);
  void make_exact(std::span<const TableRule> rules);
  bool make_merged(std::vector<TableRule> rules, uint32_t max_tables);
  template <class SubTable>
  void lookup_each(const std::vector<SubTable>& tables, const FlowKey* keys, const Selection& selection,
                   Hit* hits) const noexcept;

  Template kind_ = Template::empty;
  Hit fallback_;                        // of the rule that matches everything
  std::vector<Hit> by_port_;            // direct: indexed by port number, the fallback included
  std::vector<ExactTable> sub_tables_;  // by max_order, strongest first
  std::vector<MergedTable> merged_;     // likewise
};

}  // namespace vswitch
