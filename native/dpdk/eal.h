// DPDK's environment abstraction layer: one in a process, started once, by the thread that will own it.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace vswitch {

class Eal {
 public:
  // Pins the calling thread as its arguments say (`--lcores`). Fails with ALREADY_STARTED for the second time in a process.
  static Result<Eal> start(const std::vector<std::string>& arguments);

  Eal(Eal&& other) noexcept;
  Eal& operator=(Eal&&) = delete;
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;
  ~Eal();  // frees hugepages, removes runtime files

  [[nodiscard]] bool has_hugepages() const;

 private:
  Eal() = default;
  bool owner_ = true;
};

}  // namespace vswitch
