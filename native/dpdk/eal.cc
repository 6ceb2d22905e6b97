#include "dpdk/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "dpdk/log_capture.h"

namespace vswitch {

Result<Eal> Eal::start(const std::vector<std::string>& arguments) {
  // rte_eal_init permutes argv and may keep pointers into it: it gets copies that live as long as the process.
  struct Arguments {
    std::vector<std::string> text;
    std::vector<char*> argv;
  };
  static auto* const kept = new Arguments;
  kept->text = {"vswitch"};
  kept->text.insert(kept->text.end(), arguments.begin(), arguments.end());
  kept->argv.clear();
  for (std::string& argument : kept->text) kept->argv.push_back(argument.data());
  kept->argv.push_back(nullptr);

  if (rte_eal_init(static_cast<int>(kept->text.size()), kept->argv.data()) < 0) {
    const int reason = rte_errno;
    const bool again = reason == EALREADY;
    Error failure =
        error(again ? ErrorCode::ALREADY_STARTED : ErrorCode::EAL_FAILED,
              again ? "DPDK runs once in a process and was started before" : std::string("rte_eal_init: ") + strerror(reason));
    failure.step = "eal_init";
    failure.system_errno = reason;
    failure.log = LogCapture::take();
    return failure;
  }
  return Eal();
}

Eal::Eal(Eal&& other) noexcept : owner_(std::exchange(other.owner_, false)) {}

Eal::~Eal() {
  if (!owner_) return;
  // Asked before the clean-up; `--no-huge --no-shconf` leaves an empty directory behind.
  const std::string runtime_dir = rte_eal_get_runtime_dir();
  rte_eal_cleanup();
  rmdir(runtime_dir.c_str());
}

bool Eal::has_hugepages() const { return rte_eal_has_hugepages() != 0; }

}  // namespace vswitch
