#include "table/reachable.h"

#include <algorithm>
#include <utility>

#include "table/range.h"

namespace vswitch {
namespace {

bool mask_less(const KeyWords& a, const KeyWords& b) {
  return std::lexicographical_compare(a.word, a.word + kKeyWords, b.word, b.word + kKeyWords);
}

bool range_less(const PortRange& a, const PortRange& b) { return std::pair(a.low, a.high) < std::pair(b.low, b.high); }

bool same_match(const TableRule& a, const TableRule& b) {
  return a.mask == b.mask && a.value == b.value && a.tp_src == b.tp_src && a.tp_dst == b.tp_dst;
}

// By mask, then value, then ranges, then strongest first.
bool rule_less(const TableRule& a, const TableRule& b) {
  if (a.mask != b.mask) return mask_less(a.mask, b.mask);
  if (a.value != b.value) return mask_less(a.value, b.value);
  if (a.tp_src != b.tp_src) return range_less(a.tp_src, b.tp_src);
  if (a.tp_dst != b.tp_dst) return range_less(a.tp_dst, b.tp_dst);
  return a.rank > b.rank;
}

// Gives each rule a rank of its own: the first given among equals is the strongest.
void rank_apart(std::vector<TableRule>& rules) {
  std::vector<uint64_t> order(rules.size());
  for (size_t i = 0; i < rules.size(); ++i) order[i] = uint64_t{rules[i].rank} << 32 | (UINT32_MAX - i);
  std::sort(order.begin(), order.end());
  for (size_t i = 0; i < order.size(); ++i) rules[UINT32_MAX - static_cast<uint32_t>(order[i])].rank = static_cast<uint32_t>(i);
}

}  // namespace

void keep_reachable(std::vector<TableRule>& rules) {
  size_t kept = 0;
  for (TableRule& rule : rules) {
    if (normalize(rule)) rules[kept++] = rule;
  }
  rules.resize(kept);
  rank_apart(rules);
  std::sort(rules.begin(), rules.end(), rule_less);
  rules.erase(std::unique(rules.begin(), rules.end(), same_match), rules.end());
}

}  // namespace vswitch
