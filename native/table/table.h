// A flow table as a program sees it: the cheapest templates that can express its rules. Itself immutable; the tables in it are
// shared with the programs before and after, and show to each program the rules that it has (table/rule.h).
//
//   empty      no rule at all
//   direct     rules that match nothing, or in_port alone: an array by port; other templates go on from what it finds
//   linear     a few rules, whatever they are: each is compared
//   exact      rules of one mask
//   sub_tables a bounded number of exact tables, one a mask, strongest first
//   lpm        many prefixes of IPv4 or IPv6, of which longer ones are stronger, and a few exact tables beside them
//   merged     port ranges, or more masks than that: as many tables that rules of several masks share, strongest first, and
//              exact ones beside them
//
// The worst case of a look-up follows from the rules alone: it visits each sub-table at most once, and the chains of rules in it
// have a bound. table/store.h makes one.
#pragma once

#include <memory>
#include <vector>

#include "base/limits.h"
#include "base/status.h"
#include "table/exact.h"
#include "table/linear.h"
#include "table/merged.h"
#include "table/route_table.h"
#include "table/rule.h"

namespace vswitch {

enum class Template : uint8_t { empty, direct, linear, exact, sub_tables, lpm, merged };

inline constexpr const char* kTemplateNames[] = {"empty", "direct", "linear", "exact", "sub_tables", "lpm", "merged"};

class Table {
 public:
  // Rules that never change again. Fails with TABLE_UNBOUNDED where `max_masks` tables cannot hold them; 64 rules always fit.
  static Result<Table> compile(std::vector<TableRule> rules, uint32_t max_masks);

  // A sub-table, and what no rule in it is stronger than.
  struct Part {
    RuleWord strongest;
    // One of these.
    std::shared_ptr<const ExactTable> exact;
    std::shared_ptr<const RouteTable> routes;
    std::shared_ptr<const MergedTable> merged;
    std::shared_ptr<const LinearTable> linear;

    void lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
    void count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const;
    [[nodiscard]] uint32_t max_probes() const;
    [[nodiscard]] size_t memory_bytes() const;
    [[nodiscard]] Template kind() const;
  };

  Table() = default;
  // `direct`: rules without a mask, or of in_port alone.
  Table(const std::vector<TableRule>& direct, std::vector<Part> parts, Side side);

  // Sets hits[i] of each selected packet to the strongest rule that matches it; the others' mean nothing then.
  void lookup(const FlowKey* keys, const Selection& selection, Hit hits[kBurst]) const noexcept;

  [[nodiscard]] Template kind() const;
  // Cells and rules that the look-up of a key compares.
  [[nodiscard]] uint32_t probes(const FlowKey& key) const;
  // And at most of any key: the longest probe and chain of each sub-table.
  [[nodiscard]] uint32_t worst_case_probes() const;
  [[nodiscard]] uint32_t longest_chain() const;
  [[nodiscard]] size_t table_count() const { return parts_.size(); }
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] size_t memory_bytes() const;

 private:
  Side side_ = kSides[0];
  Hit fallback_{};            // of the rule that matches everything
  std::vector<Hit> by_port_;  // indexed by port number, the fallback included; empty where no rule is of in_port alone
  std::vector<Part> parts_;   // strongest first
};

}  // namespace vswitch
