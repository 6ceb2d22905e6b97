#include "table/route_set.h"

#include <algorithm>

namespace vswitch {

const RouteTable* RouteSet::table_of(const RouteFamily& family) const {
  const auto found = std::ranges::find_if(parts_, [&](const Part& part) { return part.table->family() == family; });
  return found == parts_.end() ? nullptr : found->table.get();
}

size_t RouteSet::bytes_with(std::span<const TableRule> rules) const {
  std::map<RouteFamily, std::vector<Prefix>> prefixes;
  RouteFamily family;
  for (const TableRule& rule : rules) {
    if (const auto prefix = RouteTable::prefix_of(rule, family)) prefixes[family].push_back(*prefix);
  }
  size_t bytes = 0;
  for (const Part& part : parts_) bytes += part.table->memory_bytes();
  for (auto& [of, fresh] : prefixes) {
    std::ranges::sort(fresh);
    const RouteTable* const table = table_of(of);
    bytes += table != nullptr ? table->bytes_to_add(fresh) : RouteTable(of).bytes_to_add(fresh);
  }
  return bytes;
}

bool RouteSet::Admissions::admit(const TableRule& rule, const RouteFamily& family, const Prefix& prefix) {
  const RouteTable* const table = set_.table_of(family);
  auto asked = asked_.find(family);
  if (asked == asked_.end()) asked = asked_.emplace(family, Asked{{family.shape(), table}, {}}).first;
  const uint32_t twin = table == nullptr ? 0 : table->find(prefix);
  const bool is_taken = twin != 0 && !std::binary_search(leaving_.begin(), leaving_.end(), target_of(settled(table->word(twin))));
  if (is_taken || asked->second.fresh.contains(prefix) || !asked->second.admission.admit(prefix, rule.rank)) return false;
  asked->second.fresh.insert(prefix);
  return true;
}

void RouteSet::remove(Place place, Side side) {
  const auto part = std::ranges::find(parts_, place.part, &Part::id);
  part->table->remove(place.at, side);
}

void RouteSet::add(std::span<const TableRule> rules, Side side) {
  for (const TableRule& rule : rules) {
    RouteFamily family;
    const Prefix prefix = *RouteTable::prefix_of(rule, family);
    auto part = std::ranges::find_if(parts_, [&](const Part& one) { return one.table->family() == family; });
    if (part == parts_.end()) part = parts_.insert(part, {next_id_++, std::make_shared<RouteTable>(family)});
    const uint32_t route = part->table->insert(prefix, rule_word(rule.rank, rule.target), side);
    if (places_ != nullptr) (*places_)[rule.target] = {part->id, route};
  }
}

void RouteSet::settle() {
  for (const Part& part : parts_) part.table->settle();
  std::erase_if(parts_, [](const Part& part) { return part.table->routes() == 0; });
}

}  // namespace vswitch
