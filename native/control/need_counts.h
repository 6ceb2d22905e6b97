// What a table's rules need read, counted by kind of need: rules come and go, and few kinds are different.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "control/rule.h"
#include "pipeline/needs.h"

namespace vswitch {

// What one rule needs; rules that need the same share one.
struct Need {
  PortNumber in_port = 0;
  HeaderSet headers = 0;
  uint64_t next_tables = 0;
  std::vector<uint32_t> groups;
  std::vector<uint32_t> meters;

  static Need of(const Rule& rule);
  friend auto operator<=>(const Need&, const Need&) = default;
};

class NeedCounts {
 public:
  using Key = const Need*;

  // The key is the need's until the last of its rules is removed.
  Key add(const Need& need, RuleId rule);
  // `another` gives a rule with the same key, where there is one and the need's own goes.
  void remove(Key need, RuleId rule, const std::function<RuleId()>& another);
  // What all of them need.
  std::shared_ptr<const TableNeeds> needs();

 private:
  struct Count {
    size_t rules = 0;
    RuleId because = kNoRule;  // one of them
  };
  std::map<Need, Count> counts_;
  bool changed_ = false;  // since needs_ was made
  std::shared_ptr<const TableNeeds> needs_;
};

}  // namespace vswitch
