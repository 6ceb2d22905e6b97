#include "control/program_store.h"

#include <new>

namespace vswitch {

ProgramStore::~ProgramStore() {
  for (uint32_t target = 0; target < is_used_.size(); ++target) {
    if (is_used_[target]) free(target);
  }
}

std::vector<uint32_t> ProgramStore::take(size_t count) {
  std::vector<uint32_t> targets;
  targets.reserve(count);
  while (targets.size() < count && !free_.empty()) {
    targets.push_back(free_.top());
    free_.pop();
  }
  while (targets.size() < count) targets.push_back(next_++);
  return targets;
}

void ProgramStore::give_back(const std::vector<uint32_t>& targets) {
  for (const uint32_t target : targets) free_.push(target);
}

void ProgramStore::put(uint32_t target, ActionProgram program, WrittenArena arena) {
  new (&places_[target]) ActionProgram(std::move(program));
  if (target >= is_used_.size()) is_used_.resize(target + 1);
  is_used_[target] = true;
  if (!arena.empty()) arenas_.emplace(target, std::move(arena));
}

void ProgramStore::free(uint32_t target) {
  reinterpret_cast<ActionProgram*>(&places_[target])->~ActionProgram();
  is_used_[target] = false;
  arenas_.erase(target);
  free_.push(target);
}

}  // namespace vswitch
