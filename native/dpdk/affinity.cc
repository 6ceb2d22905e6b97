#include "dpdk/affinity.h"

#include <dirent.h>

#include <cstdlib>

namespace vswitch {

void keep_off(const cpu_set_t& cores) noexcept {
  DIR* const tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return;
  while (const dirent* const entry = readdir(tasks)) {
    const auto task = static_cast<pid_t>(strtol(entry->d_name, nullptr, 10));
    cpu_set_t allowed;
    if (task <= 0 || sched_getaffinity(task, sizeof allowed, &allowed) != 0) continue;
    cpu_set_t shared;
    CPU_AND(&shared, &allowed, &cores);
    CPU_XOR(&allowed, &allowed, &shared);
    if (CPU_COUNT(&shared) != 0 && CPU_COUNT(&allowed) != 0) sched_setaffinity(task, sizeof allowed, &allowed);
  }
  closedir(tasks);
}

}  // namespace vswitch
