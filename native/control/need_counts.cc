#include "control/need_counts.h"

#include <algorithm>

namespace vswitch {
namespace {

void add_actions(const std::vector<Action>& actions, Need& need) {
  for (const Action& action : actions) {
    if (action.kind == ActionKind::group) need.groups.push_back(static_cast<uint32_t>(action.value));
    if (action.kind == ActionKind::meter) need.meters.push_back(static_cast<uint32_t>(action.value));
    if (action.kind == ActionKind::goto_table || action.kind == ActionKind::resubmit)
      need.next_tables |= uint64_t{1} << action.argument;
    add_actions(action.actions, need);
  }
}

void add_named(std::vector<std::pair<uint32_t, RuleId>>& list, const std::vector<uint32_t>& numbers, RuleId rule) {
  for (const uint32_t number : numbers) {
    const auto known = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.first == number; });
    if (known == list.end()) list.emplace_back(number, rule);
  }
}

}  // namespace

Need Need::of(const Rule& rule) {
  Need need{rule.in_port, rule.headers, 0, {}, {}};
  add_actions(rule.actions, need);
  return need;
}

NeedCounts::Key NeedCounts::add(const Need& need, RuleId rule) {
  const auto [at, is_new] = counts_.try_emplace(need);
  Count& count = at->second;
  if (count.rules++ == 0) count.because = rule;
  changed_ |= is_new;
  return &at->first;
}

void NeedCounts::remove(Key need, RuleId rule, const std::function<RuleId()>& another) {
  const auto at = counts_.find(*need);
  Count& count = at->second;
  if (--count.rules == 0) {
    counts_.erase(at);
    changed_ = true;
  } else if (count.because == rule) {
    count.because = another();
    changed_ = true;
  }
}

std::shared_ptr<const TableNeeds> NeedCounts::needs() {
  if (needs_ && !changed_) return needs_;
  auto made = std::make_shared<TableNeeds>();
  // In the order of the rules that stand for them, so that the first rule that needs a header is named.
  std::vector<const std::pair<const Need, Count>*> ordered;
  for (const auto& entry : counts_) ordered.push_back(&entry);
  std::ranges::sort(ordered, {}, [](const auto* entry) { return entry->second.because; });
  for (const auto* entry : ordered) {
    const auto& [need, count] = *entry;
    PortNeeds& port = made->of(need.in_port);
    port.add(need.headers, count.because);
    port.next_tables |= need.next_tables;
    add_named(port.groups, need.groups, count.because);
    add_named(port.meters, need.meters, count.because);
  }
  changed_ = false;
  return needs_ = std::move(made);
}

}  // namespace vswitch
