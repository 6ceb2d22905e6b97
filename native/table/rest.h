// Rules that share tables: those of port ranges, and of more masks than there may be exact tables.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "table/merged.h"
#include "table/rule.h"

namespace vswitch {

struct Rest {
  std::vector<TableRule> rules;
  std::vector<std::shared_ptr<const MergedTable>> tables;
  std::vector<RuleWord*> words;  // of each rule
  size_t dead = 0;

  // Nothing where `max_tables` tables cannot hold the rules; 64 rules always fit in one.
  static std::optional<Rest> compile(std::vector<TableRule> rules, uint32_t max_tables);
};

}  // namespace vswitch
