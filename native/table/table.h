// A compiled flow table: the cheapest template that can express its rules. Immutable; workers share it between programs.
//
//   empty      no rule at all
//   direct     rules that match nothing, or in_port alone: an array by port
//   exact      rules of one mask
//   sub_tables a bounded number of exact tables, one a mask, strongest first
//
// The worst case of a look-up follows from the rules alone: it visits each sub-table at most once.
#pragma once

#include <vector>

#include "base/limits.h"
#include "base/status.h"
#include "table/exact.h"
#include "table/rule.h"

namespace vswitch {

enum class Template : uint8_t { empty, direct, exact, sub_tables };

class Table {
 public:
  // Rules of a lower rank that match exactly what another does are left out: no packet can reach them.
  // Fails with TABLE_UNBOUNDED where the rules have more than `max_masks` different masks.
  static Result<Table> compile(std::vector<TableRule> rules, uint32_t max_masks);

  // Sets hits[i] of each selected packet to the strongest rule that matches it.
  void lookup(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;

  [[nodiscard]] Template kind() const { return kind_; }
  // Sub-tables visited, times their longest probe.
  [[nodiscard]] uint32_t worst_case_probes() const;
  [[nodiscard]] size_t memory_bytes() const;

 private:
  Table() = default;
  void lookup_sub_tables(const FlowKey* keys, const Selection& selection, Hit* hits) const noexcept;

  Template kind_ = Template::empty;
  Hit fallback_;                        // of the rule that matches everything
  std::vector<Hit> by_port_;            // direct: indexed by port number, the fallback included
  std::vector<ExactTable> sub_tables_;  // by max_order, strongest first
};

}  // namespace vswitch
