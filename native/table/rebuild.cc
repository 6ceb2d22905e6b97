#include "table/rebuild.h"

#include <sys/resource.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "table/range.h"

namespace vswitch {
namespace {

// As a change that waits for it does (table/store_stage.cc).
bool is_for_exact(const std::vector<TableRule>& rules, size_t max_tables) {
  std::set<KeyWords> masks;
  for (const TableRule& rule : rules) {
    if (has_range(rule)) return false;
    masks.insert(rule.mask);
    if (masks.size() > max_tables) return false;
  }
  return true;
}

}  // namespace

std::shared_ptr<Rebuild> Rebuild::start(std::vector<TableRule> rules, std::vector<uint32_t> dissolved, uint32_t max_tables) {
  auto self = std::make_shared<Rebuild>();
  self->dissolved_ = std::move(dissolved);
  for (const TableRule& rule : rules) self->targets_.push_back(rule.target);
  std::sort(self->targets_.begin(), self->targets_.end());
  // Detached: whoever started it may end before it does, and leaves it what it works with.
  std::thread([self, rules = std::move(rules), max_tables]() mutable {
    setpriority(PRIO_PROCESS, 0, 10);  // of this thread alone: changes come first
    if (!is_for_exact(rules, max_tables)) self->rest_ = Rest::compile(std::move(rules), max_tables);
    self->done_.store(true, std::memory_order_release);
  }).detach();
  return self;
}

const std::vector<uint32_t>& Rebuild::left() {
  std::sort(left_.begin(), left_.end());
  return left_;
}

}  // namespace vswitch
