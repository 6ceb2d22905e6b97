// The action programs of all rules, each at its target, where workers find them. A target is given to another rule when no worker
// has a program in which it is the one's.
#pragma once

#include <functional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "action/program.h"
#include "base/zeroed.h"

namespace vswitch {

class ProgramStore {
 public:
  // A transaction can replace all rules, and has both then.
  explicit ProgramStore(uint32_t max_rules) : places_(size_t{max_rules} * 2 + 1) {}
  ~ProgramStore();
  ProgramStore(const ProgramStore&) = delete;
  ProgramStore& operator=(const ProgramStore&) = delete;

  [[nodiscard]] const ActionProgram* data() const { return reinterpret_cast<const ActionProgram*>(places_.data()); }

  // Targets in rising order, the lowest that are free.
  std::vector<uint32_t> take(size_t count);
  void give_back(const std::vector<uint32_t>& targets);

  void put(uint32_t target, ActionProgram program, WrittenArena arena);
  void free(uint32_t target);

 private:
  struct alignas(ActionProgram) Place {
    std::byte bytes[sizeof(ActionProgram)];
  };

  ZeroedArray<Place> places_;
  uint32_t next_ = 0;
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> free_;
  std::unordered_map<uint32_t, WrittenArena> arenas_;  // of those that write to action sets
  std::vector<bool> is_used_;
};

}  // namespace vswitch
