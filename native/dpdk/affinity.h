// Which threads run where.
#pragma once

#include <sched.h>

namespace vswitch {

// Sees to it that no thread of the process but those that run nowhere else uses these cores, where that leaves it some. The
// kernel would move Node's threads there while they are many: a worker would lose its core for milliseconds, and a change of
// rules would wait for it.
void keep_off(const cpu_set_t& cores) noexcept;

}  // namespace vswitch
