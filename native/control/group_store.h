// The groups and meters, by number, and how often rules and buckets name each: what is named cannot be removed.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "action/group.h"
#include "action/meter.h"
#include "base/status.h"
#include "control/rule.h"

namespace vswitch {

class GroupStore {
 public:
  GroupStore(const Capacity& capacity, const LinkStates& links);

  using Counts = std::map<uint32_t, int64_t>;

  // How often each number is named, or how that changes.
  struct References {
    Counts groups;
    Counts meters;

    void add(const std::vector<Action>& actions, int64_t times);
    void add(const References& other, int64_t times);
  };

  struct Staged {
    References references;
    std::map<uint32_t, GroupSpec> put;  // as in the transaction
    std::vector<uint32_t> remove;
    std::shared_ptr<const GroupTable> groups;  // null: as before
    std::shared_ptr<const MeterTable> meters;
  };

  // `rules`: how the transaction's rules change the references.
  Result<Staged> stage(const Transaction& transaction, References rules) const;
  void commit(Staged staged);

  [[nodiscard]] const std::shared_ptr<const GroupTable>& groups() const { return groups_; }
  [[nodiscard]] const std::shared_ptr<const MeterTable>& meters() const { return meters_; }

 private:
  [[nodiscard]] Status stage_groups(const Transaction& transaction, Staged& staged) const;
  [[nodiscard]] Status stage_meters(const Transaction& transaction, Staged& staged) const;
  [[nodiscard]] Status check_named(const Transaction& transaction, const Staged& staged) const;
  [[nodiscard]] Status check_chains(const Staged& staged) const;
  static uint32_t depth(const std::map<uint32_t, const GroupSpec*>& all, uint32_t number, std::map<uint32_t, uint32_t>& known);

  Capacity capacity_;
  References references_;
  std::map<uint32_t, GroupSpec> specs_;
  std::shared_ptr<const GroupTable> groups_;
  std::shared_ptr<const MeterTable> meters_;
};

}  // namespace vswitch
