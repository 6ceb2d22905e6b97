// The installed rules, by table, with the groups and meters that they name. A transaction is staged first, which checks it and
// compiles what has to be compiled; nothing is different until it is committed. What leaves is freed when it is settled, after
// every worker has the program that was made of it.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "control/group_store.h"
#include "control/need_counts.h"
#include "control/program_store.h"
#include "control/rule.h"
#include "pipeline/program.h"
#include "table/store.h"

namespace vswitch {

class RuleStore {
 public:
  // Tables have at most `max_table_bytes` each.
  RuleStore(const Capacity& capacity, uint32_t max_masks, const LinkStates& links, size_t max_table_bytes = SIZE_MAX);

  // Where a rule is.
  struct Home {
    TenantSlot slot = kNowhere;
    uint8_t table = 0;

    friend auto operator<=>(const Home&, const Home&) = default;
  };

  struct StagedProgram {
    ActionProgram program;
    WrittenArena arena;
    size_t rules;  // in a row that share their actions
  };

  struct Staged {
    Transaction transaction;
    std::vector<uint32_t> targets;  // of the rules that are added
    std::vector<StagedProgram> programs;
    std::map<Home, TableStore::Staged> tables;
    GroupStore::Staged groups;
    std::shared_ptr<const Steering> steering;  // null: as before
  };

  Result<Staged> stage(Transaction transaction);
  void commit(Staged staged);
  void settle();

  [[nodiscard]] const std::shared_ptr<const Steering>& steering() const { return steering_; }
  [[nodiscard]] const std::array<std::shared_ptr<const SlotTables>, kSlots>& tables() const { return tables_; }
  [[nodiscard]] const std::shared_ptr<const GroupTable>& groups() const { return groups_.groups(); }
  [[nodiscard]] const std::shared_ptr<const MeterTable>& meters() const { return groups_.meters(); }
  [[nodiscard]] const Target* targets() const { return programs_.targets(); }
  [[nodiscard]] const ActionProgram* programs() const { return programs_.programs(); }

 private:
  static constexpr TenantSlot kNowhere = 0xfffe;

  // By id; actions and match are where packets find them.
  struct Known {
    uint32_t target = kNoTarget;
    Home home;
    NeedCounts::Key need = nullptr;
  };
  struct FlowTableStore {
    FlowTableStore(uint32_t max_masks, Places* places, size_t max_bytes) : rules(max_masks, places, max_bytes) {}

    TableStore rules;
    NeedCounts needs;
    size_t count = 0;
  };

  [[nodiscard]] Status check(const Transaction& transaction) const;
  [[nodiscard]] Status check_steering(const Transaction& transaction) const;
  [[nodiscard]] bool is_at(RuleId id, Home home) const;
  [[nodiscard]] Status stage_rules(Staged& staged);
  [[nodiscard]] Status stage_tables(Staged& staged);
  [[nodiscard]] Status stage_steering(Staged& staged) const;
  FlowTableStore& store_at(Home home);
  void remove(RuleId id);
  void add(const Rule& rule, uint32_t target);

  const uint32_t max_rules_;
  const uint32_t max_masks_;
  const size_t max_table_bytes_;
  ProgramStore programs_;
  Places places_;
  std::vector<Known> known_;
  std::map<Home, FlowTableStore> stores_;
  std::unordered_map<uint32_t, GroupStore::References> named_;  // by target, where it names groups or meters
  GroupStore groups_;
  std::map<RuleId, Rule> steer_;
  std::shared_ptr<const Steering> steering_;
  std::array<std::shared_ptr<const SlotTables>, kSlots> tables_;
  // Of the transaction that is not settled yet.
  std::vector<uint32_t> leaving_;
  std::vector<Home> changed_;
};

}  // namespace vswitch
