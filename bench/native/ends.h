// What a generator has of DPDK: an EAL and buffers that the switch may share, and ports to it.
#pragma once

#include <string>
#include <utility>

#include "dpdk/eal.h"
#include "dpdk/mempool.h"
#include "port/port.h"

namespace vswitch {

[[noreturn]] void give_up(const std::string& why);

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) give_up(result.error().message + "\n" + result.error().log);
  return std::move(result.value());
}

uint32_t number(const char* text);

struct Ends {
  Ends();
  Port open(const char* devargs, uint32_t rx_queues);

  const Eal eal;
  const Mempool pool;
};

// Gives up where the other side of a port does not answer.
void wait_for(const Port& port);

}  // namespace vswitch
