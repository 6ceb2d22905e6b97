#include "worker/assignment.h"

namespace vswitch {

std::vector<std::vector<RxQueue>> assign_queues(std::span<const PortQueues> ports, uint32_t workers) {
  std::vector<std::vector<RxQueue>> assigned(workers);
  uint32_t turn = 0;
  for (const PortQueues& port : ports) {
    for (uint16_t queue = 0; queue < port.rx_queues; ++queue) {
      assigned[turn].push_back({port.port, port.device, queue});
      turn = (turn + 1) % workers;
    }
  }
  return assigned;
}

}  // namespace vswitch
