// The installed rules, by table. A transaction is staged first, which checks it and compiles what it changes; nothing is
// different until it is committed.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "base/status.h"
#include "control/rule.h"
#include "pipeline/program.h"

namespace vswitch {

class RuleStore {
 public:
  RuleStore(uint32_t max_rules, uint32_t max_masks);

  struct Staged {
    Transaction transaction;
    std::shared_ptr<const Steering> steering;
    std::map<TenantSlot, std::shared_ptr<const FlowTable>> tables;
  };

  Result<Staged> stage(Transaction transaction) const;
  void commit(Staged staged);

  [[nodiscard]] const std::shared_ptr<const Steering>& steering() const { return steering_; }
  [[nodiscard]] const std::array<std::shared_ptr<const FlowTable>, kSlots>& tables() const { return tables_; }

 private:
  using Rules = std::map<RuleId, Rule>;

  [[nodiscard]] Status check(const Transaction& transaction) const;
  // The rules of a slot as they would be after the transaction, by id.
  [[nodiscard]] std::vector<const Rule*> after(const Transaction& transaction, TenantSlot slot) const;
  [[nodiscard]] Result<std::shared_ptr<const FlowTable>> compile_table(const std::vector<const Rule*>& rules) const;
  [[nodiscard]] Result<std::shared_ptr<const Steering>> compile_steering(const std::vector<const Rule*>& rules) const;

  uint32_t max_rules_;
  uint32_t max_masks_;
  std::map<TenantSlot, Rules> rules_;  // kSteeringSlot: the steering table's
  std::shared_ptr<const Steering> steering_;
  std::array<std::shared_ptr<const FlowTable>, kSlots> tables_;
};

}  // namespace vswitch
