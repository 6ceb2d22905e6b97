#include "control/group_store.h"

#include <algorithm>
#include <optional>
#include <string>

namespace vswitch {
namespace {

Error bad(const std::string& what) { return error(ErrorCode::BAD_TRANSACTION, what); }

void add_buckets(GroupStore::References& references, const GroupSpec& spec, int64_t times) {
  for (const BucketSpec& bucket : spec.buckets) {
    references.add(bucket.actions, times);
    if (bucket.watch_group != UINT32_MAX) references.groups[bucket.watch_group] += times;
  }
}

template <typename T>
void put(std::vector<std::shared_ptr<T>>& table, uint32_t number, std::shared_ptr<T> value) {
  if (number >= table.size()) table.resize(number + 1);
  table[number] = std::move(value);
}

}  // namespace

GroupStore::GroupStore(const Capacity& capacity, const LinkStates& links) : capacity_(capacity) {
  auto groups = std::make_shared<GroupTable>();
  groups->links = &links;
  groups_ = std::move(groups);
  meters_ = std::make_shared<MeterTable>();
}

void GroupStore::References::add(const std::vector<Action>& actions, int64_t times) {
  for (const Action& action : actions) {
    if (action.kind == ActionKind::group) groups[static_cast<uint32_t>(action.value)] += times;
    if (action.kind == ActionKind::meter) meters[static_cast<uint32_t>(action.value)] += times;
    add(action.actions, times);
  }
}

void GroupStore::References::add(const References& other, int64_t times) {
  for (const auto& [number, count] : other.groups) groups[number] += count * times;
  for (const auto& [number, count] : other.meters) meters[number] += count * times;
}

Result<GroupStore::Staged> GroupStore::stage(const Transaction& transaction, References rules) const {
  Staged staged;
  staged.references = std::move(rules);
  if (Status fault = stage_groups(transaction, staged)) return *fault;
  if (Status fault = stage_meters(transaction, staged)) return *fault;
  if (Status fault = check_named(transaction, staged)) return *fault;
  if (staged.groups) {
    if (Status fault = check_chains(staged)) return *fault;
  }
  return staged;
}

Status GroupStore::stage_groups(const Transaction& transaction, Staged& staged) const {
  if (transaction.put_groups.empty() && transaction.remove_groups.empty()) return {};
  auto next = std::make_shared<GroupTable>(*groups_);
  for (const uint32_t number : transaction.remove_groups) {
    if (next->find(number) == nullptr) return bad("no group " + std::to_string(number) + " to remove");
    next->groups[number] = nullptr;
    add_buckets(staged.references, specs_.at(number), -1);
    staged.remove.push_back(number);
  }
  for (const GroupSpec& spec : transaction.put_groups) {
    if (spec.number >= capacity_.groups)
      return error(ErrorCode::LIMIT_EXCEEDED,
                   "group " + std::to_string(spec.number) + " is beyond the limit of " + std::to_string(capacity_.groups));
    if (!staged.put.emplace(spec.number, spec).second) return bad("group " + std::to_string(spec.number) + " is put twice");
    auto group = Group::compile(spec);
    if (!group.ok()) return group.error();
    if (next->find(spec.number) != nullptr) add_buckets(staged.references, specs_.at(spec.number), -1);
    add_buckets(staged.references, spec, 1);
    put(next->groups, spec.number, std::shared_ptr<const Group>(std::move(group.value())));
  }
  staged.groups = std::move(next);
  return {};
}

Status GroupStore::stage_meters(const Transaction& transaction, Staged& staged) const {
  if (transaction.put_meters.empty() && transaction.remove_meters.empty()) return {};
  auto next = std::make_shared<MeterTable>(*meters_);
  for (const uint32_t number : transaction.remove_meters) {
    if (next->find(number) == nullptr) return bad("no meter " + std::to_string(number) + " to remove");
    next->meters[number] = nullptr;
  }
  for (const MeterSpec& spec : transaction.put_meters) {
    if (spec.number >= capacity_.meters)
      return error(ErrorCode::LIMIT_EXCEEDED,
                   "meter " + std::to_string(spec.number) + " is beyond the limit of " + std::to_string(capacity_.meters));
    auto meter = Meter::make(spec);
    if (!meter.ok()) return meter.error();
    put(next->meters, spec.number, std::move(meter.value()));
  }
  staged.meters = std::move(next);
  return {};
}

// What is named after the transaction must be there.
Status GroupStore::check_named(const Transaction& transaction, const Staged& staged) const {
  const GroupTable& groups = staged.groups ? *staged.groups : *groups_;
  const MeterTable& meters = staged.meters ? *staged.meters : *meters_;
  const auto gone = [](const Counts& before, const Counts& change, const std::vector<uint32_t>& removed, const auto& table) {
    const auto named = [](const Counts& counts, uint32_t number) {
      const auto found = counts.find(number);
      return found == counts.end() ? 0 : found->second;
    };
    const auto missing = [&](uint32_t number) {
      return table.find(number) == nullptr && named(before, number) + named(change, number) > 0;
    };
    for (const auto& [number, times] : change) {
      if (missing(number)) return std::optional(number);
    }
    const auto found = std::find_if(removed.begin(), removed.end(), missing);
    return found == removed.end() ? std::nullopt : std::optional(*found);
  };
  if (const auto number = gone(references_.groups, staged.references.groups, transaction.remove_groups, groups))
    return bad("group " + std::to_string(*number) + " is named by a rule or a bucket, and would not be there");
  if (const auto number = gone(references_.meters, staged.references.meters, transaction.remove_meters, meters))
    return bad("meter " + std::to_string(*number) + " is named by a rule or a bucket, and would not be there");
  return {};
}

// Groups that send to groups: no circle, and no more than kMaxGroupDepth in a row. Groups that watch groups: one deep.
Status GroupStore::check_chains(const Staged& staged) const {
  std::map<uint32_t, const GroupSpec*> all;
  for (const auto& [number, spec] : specs_) {
    if (staged.groups->find(number) != nullptr) all[number] = &spec;
  }
  for (const auto& [number, spec] : staged.put) all[number] = &spec;
  std::map<uint32_t, uint32_t> depths;
  for (const auto& [number, spec] : all) {
    if (depth(all, number, depths) > kMaxGroupDepth)
      return bad("group " + std::to_string(number) + " leads through more than " + std::to_string(kMaxGroupDepth) + " groups");
    for (const BucketSpec& bucket : spec->buckets) {
      const auto watched = all.find(bucket.watch_group);
      if (watched == all.end()) continue;
      const auto& others = watched->second->buckets;
      if (std::any_of(others.begin(), others.end(), [](const BucketSpec& other) { return other.watch_group != UINT32_MAX; }))
        return bad("group " + std::to_string(number) + " watches a group that watches a group");
    }
  }
  return {};
}

// How many groups follow one another from this one on; beyond the bound where they go in a circle.
uint32_t GroupStore::depth(const std::map<uint32_t, const GroupSpec*>& all, uint32_t number,
                           std::map<uint32_t, uint32_t>& known) {
  const auto found = all.find(number);
  if (found == all.end()) return 0;
  // Whoever comes back to a group that is being measured goes in a circle.
  const auto [mine, fresh] = known.emplace(number, kMaxGroupDepth + 1);
  if (!fresh) return mine->second;
  References named;
  for (const BucketSpec& bucket : found->second->buckets) named.add(bucket.actions, 1);
  uint32_t deepest = 0;
  for (const auto& [next, times] : named.groups) deepest = std::max(deepest, depth(all, next, known));
  return mine->second = deepest + 1;
}

void GroupStore::commit(Staged staged) {
  const auto count = [](auto& into, const auto& change) {
    for (const auto& [number, times] : change) {
      if ((into[number] += times) == 0) into.erase(number);
    }
  };
  count(references_.groups, staged.references.groups);
  count(references_.meters, staged.references.meters);
  for (const uint32_t number : staged.remove) specs_.erase(number);
  for (auto& [number, spec] : staged.put) specs_.insert_or_assign(number, std::move(spec));
  if (staged.groups) groups_ = std::move(staged.groups);
  if (staged.meters) meters_ = std::move(staged.meters);
}

}  // namespace vswitch
