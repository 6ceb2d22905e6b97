#include "control/program_store.h"

#include <new>

namespace vswitch {

ProgramStore::~ProgramStore() {
  for (uint32_t program = 0; program < users_.size(); ++program) {
    if (users_[program] != 0) destroy(program);
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

uint32_t ProgramStore::put(ActionProgram program, WrittenArena arena) {
  uint32_t& recent = recent_[program.hash() % kRecent];
  // What points into an arena is equal to nothing that does not.
  if (recent < users_.size() && users_[recent] != 0 && programs()[recent] == program) return recent;
  auto place = static_cast<uint32_t>(users_.size());
  if (free_places_.empty()) {
    users_.push_back(0);
  } else {
    place = free_places_.back();
    free_places_.pop_back();
  }
  new (&places_[place]) ActionProgram(std::move(program));
  if (!arena.empty()) arenas_.emplace(place, std::move(arena));
  return recent = place;
}

void ProgramStore::bind(uint32_t target, RuleId rule, uint32_t program) {
  targets_[target] = {rule, program};
  ++users_[program];
}

void ProgramStore::free(uint32_t target) {
  const uint32_t program = targets_[target].program;
  if (--users_[program] == 0) {
    destroy(program);
    free_places_.push_back(program);
  }
  free_.push(target);
}

void ProgramStore::destroy(uint32_t program) {
  reinterpret_cast<ActionProgram*>(&places_[program])->~ActionProgram();
  arenas_.erase(program);
}

}  // namespace vswitch
