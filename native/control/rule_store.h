// The installed rules, by table, with the groups and meters that they name. A transaction is staged first, which checks it and
// compiles what it changes; nothing is different until it is committed.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "base/status.h"
#include "control/group_store.h"
#include "control/rule.h"
#include "pipeline/program.h"

namespace vswitch {

class RuleStore {
 public:
  RuleStore(const Capacity& capacity, uint32_t max_masks, const LinkStates& links);

  // Where a rule is.
  struct Home {
    TenantSlot slot = kNowhere;
    uint8_t table = 0;

    friend auto operator<=>(const Home&, const Home&) = default;
  };

  struct Staged {
    Transaction transaction;
    std::shared_ptr<const Steering> steering;
    std::map<Home, std::shared_ptr<const FlowTable>> tables;
    GroupStore::Staged groups;
  };

  Result<Staged> stage(Transaction transaction) const;
  void commit(Staged staged);

  [[nodiscard]] const std::shared_ptr<const Steering>& steering() const { return steering_; }
  [[nodiscard]] const std::array<std::shared_ptr<const SlotTables>, kSlots>& tables() const { return tables_; }
  [[nodiscard]] const std::shared_ptr<const GroupTable>& groups() const { return groups_.groups(); }
  [[nodiscard]] const std::shared_ptr<const MeterTable>& meters() const { return groups_.meters(); }

 private:
  static constexpr TenantSlot kNowhere = 0xfffe;
  using Rules = std::map<RuleId, Rule>;

  [[nodiscard]] Status check(const Transaction& transaction) const;
  [[nodiscard]] const Rule* find(RuleId id, Home home) const;
  // The rules of a table as they would be after the transaction, by id.
  [[nodiscard]] std::vector<const Rule*> after(const Transaction& transaction, Home home) const;
  [[nodiscard]] Result<std::shared_ptr<const FlowTable>> compile_table(const std::vector<const Rule*>& rules) const;
  [[nodiscard]] Result<std::shared_ptr<const Steering>> compile_steering(const std::vector<const Rule*>& rules) const;

  uint32_t max_rules_;
  uint32_t max_masks_;
  std::map<Home, Rules> rules_;  // the steering table's under kSteeringSlot
  std::vector<Home> homes_;      // by rule id; not of steering rules
  GroupStore groups_;
  std::shared_ptr<const Steering> steering_;
  std::array<std::shared_ptr<const SlotTables>, kSlots> tables_;
};

}  // namespace vswitch
