// What targets stand for: the action programs of all rules, where workers find them. A target is given to another rule when no
// worker has a program in which it is the one's.
//
// Rules with the same actions share a program, so that the programs of many rules are few lines of the cache. A program is looked
// for among as many as there are places by its hash: one that is not found there is there twice, and nothing is to be searched.
#pragma once

#include <functional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "action/program.h"
#include "base/zeroed.h"
#include "pipeline/program.h"

namespace vswitch {

class ProgramStore {
 public:
  // A transaction can replace all rules, and has both then.
  explicit ProgramStore(uint32_t max_rules)
      : targets_(size_t{max_rules} * 2 + 1), places_(size_t{max_rules} * 2 + 1), recent_(kRecent) {}
  ~ProgramStore();
  ProgramStore(const ProgramStore&) = delete;
  ProgramStore& operator=(const ProgramStore&) = delete;

  [[nodiscard]] const Target* targets() const { return targets_.data(); }
  [[nodiscard]] const ActionProgram* programs() const { return reinterpret_cast<const ActionProgram*>(places_.data()); }

  // Targets in rising order, the lowest that are free.
  std::vector<uint32_t> take(size_t count);
  void give_back(const std::vector<uint32_t>& targets);

  // The number of a program, which is there until the targets that are bound to it are free.
  uint32_t put(ActionProgram program, WrittenArena arena);
  void bind(uint32_t target, RuleId rule, uint32_t program);
  void free(uint32_t target);

 private:
  static constexpr uint32_t kRecent = 4096;

  struct alignas(ActionProgram) Place {
    std::byte bytes[sizeof(ActionProgram)];
  };

  void destroy(uint32_t program);

  ZeroedArray<Target> targets_;
  uint32_t next_ = 0;
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> free_;

  ZeroedArray<Place> places_;
  std::vector<uint32_t> users_;  // targets, by program; 0: the place is free
  std::vector<uint32_t> free_places_;
  std::vector<uint32_t> recent_;                       // a program of a hash, by its last bits
  std::unordered_map<uint32_t, WrittenArena> arenas_;  // of those that write to action sets
};

}  // namespace vswitch
