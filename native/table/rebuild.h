// A base that is compiled while the table goes on to change: a large one takes longer than a change may wait. The thread has
// rules of its own, and what it makes is nobody else's until it is done.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "table/rest.h"

namespace vswitch {

class Rebuild {
 public:
  // Compiles the rules, those of exact tables that are then dissolved among them, into at most `max_tables` tables.
  static std::shared_ptr<Rebuild> start(std::vector<TableRule> rules, std::vector<uint32_t> dissolved, uint32_t max_tables);

  [[nodiscard]] bool is_done() const { return done_.load(std::memory_order_acquire); }
  // When it is done; nothing where the tables cannot hold the rules, or where exact tables are the cheaper.
  [[nodiscard]] const std::optional<Rest>& rest() const { return rest_; }

  // Rules of the table that left since it was started; their targets may be others' now.
  void leave(uint32_t target) { left_.push_back(target); }
  // Sorts them.
  [[nodiscard]] const std::vector<uint32_t>& left();
  [[nodiscard]] const std::vector<uint32_t>& dissolved() const { return dissolved_; }
  // The targets of its rules, in order.
  [[nodiscard]] const std::vector<uint32_t>& targets() const { return targets_; }

 private:
  std::vector<uint32_t> dissolved_;
  std::vector<uint32_t> targets_;
  std::vector<uint32_t> left_;
  std::optional<Rest> rest_;
  std::atomic<bool> done_ = false;
};

}  // namespace vswitch
