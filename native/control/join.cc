#include "control/join.h"

#include <algorithm>

namespace vswitch {
namespace {

// Of each of them. A large one is not worth a copy: it does not wait for workers often.
constexpr size_t kMostRules = 64;

bool is_small(const Transaction& one) {
  return one.steer.empty() && one.put_groups.empty() && one.remove_groups.empty() && one.put_meters.empty() &&
         one.remove_meters.empty() && one.remove.size() <= kMostRules && one.add.size() <= kMostRules;
}

}  // namespace

bool join(const Transaction& next, Transaction& whole) {
  if (!is_small(next)) return false;
  for (const Removal& removal : next.remove) {
    if (removal.slot == kSteeringSlot || std::ranges::find(whole.add, removal.id, &Rule::id) != whole.add.end()) return false;
  }
  whole.remove.insert(whole.remove.end(), next.remove.begin(), next.remove.end());
  whole.add.insert(whole.add.end(), next.add.begin(), next.add.end());
  return true;
}

}  // namespace vswitch
