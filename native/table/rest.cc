#include "table/rest.h"

#include <algorithm>

#include "table/partition.h"

namespace vswitch {
namespace {

// Chains that are tried first: longer ones make fewer tables, and a worse worst case.
constexpr uint32_t kShortChain = 16;

bool is_stronger(const TableRule& a, const TableRule& b) { return rule_word(a.rank, a.target) > rule_word(b.rank, b.target); }

}  // namespace

std::optional<Rest> Rest::compile(std::vector<TableRule> rules, uint32_t max_tables) {
  Rest rest;
  if (rules.empty()) return rest;
  if (rules.size() > MergedTable::kMaxRules || max_tables == 0) return std::nullopt;
  rest.rules = std::move(rules);
  std::sort(rest.rules.begin(), rest.rules.end(), is_stronger);
  std::vector<Part> parts;
  for (uint32_t chain = kShortChain; parts.empty() && chain <= MergedTable::kMaxChain; chain *= 2) {
    parts = partition(rest.rules, max_tables, chain);
  }
  if (parts.empty()) return std::nullopt;
  rest.words.resize(rest.rules.size());
  for (const Part& part : parts) {
    std::vector<TableRule> chosen;
    chosen.reserve(part.rules.size());
    for (const uint32_t rule : part.rules) chosen.push_back(rest.rules[rule]);
    const auto table = std::make_shared<MergedTable>(chosen, part.mask);
    for (size_t i = 0; i < chosen.size(); ++i) rest.words[part.rules[i]] = table->rule_words()[i];
    rest.tables.push_back(table);
  }
  return rest;
}

}  // namespace vswitch
