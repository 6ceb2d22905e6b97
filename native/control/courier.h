// The thread that carries packets between the workers' rings and the sockets of the tenants' plugins, so that a worker never
// makes a system call for them, and never waits for a plugin. It is there as long as there are plugins.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "control/punt_channel.h"

namespace vswitch {

class Courier {
 public:
  Courier();
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  // By the control thread. Returns when the courier knows it, or has let go of it.
  void add(PuntChannel& channel);
  void remove(const PuntChannel& channel);

 private:
  void main() noexcept;
  bool carry() noexcept;
  void wait(uint32_t sleep_us) noexcept;

  std::mutex mutex_;  // of the list, for a round of carrying
  std::vector<PuntChannel*> channels_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace vswitch
