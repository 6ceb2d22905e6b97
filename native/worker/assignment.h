// Which worker polls which receive queue: a pure function of the ports and the number of workers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/program.h"

namespace vswitch {

struct PortQueues {
  PortNumber port;
  uint16_t device;
  uint16_t rx_queues;
};

// Deals the queues out in turn, in the order of ports and queues: a port's queues go to different workers as far as there are,
// and no worker has two queues more than another. Returns each worker's list.
std::vector<std::vector<RxQueue>> assign_queues(std::span<const PortQueues> ports, uint32_t workers);

}  // namespace vswitch
