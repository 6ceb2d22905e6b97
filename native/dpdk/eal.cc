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

  // Only a start that its arguments prevented can be tried again.
  static bool used = false;
  if (used) return error(ErrorCode::ALREADY_STARTED, "DPDK runs once in a process and was started before");
  if (rte_eal_init(static_cast<int>(kept->text.size()), kept->argv.data()) < 0) {
    const int reason = rte_errno;
    used = reason != EINVAL;
    Error failure = error(ErrorCode::EAL_FAILED, std::string("rte_eal_init: ") + strerror(reason));
    failure.step = "eal_init";
    failure.system_errno = reason;
    failure.log = LogCapture::take();
    return failure;
  }
  used = true;
  // `--no-huge --no-shconf` makes an empty directory and leaves it; nothing uses it.
  rmdir(rte_eal_get_runtime_dir());
  return Eal();
}

Eal::Eal(Eal&& other) noexcept : owner_(std::exchange(other.owner_, false)) {}

Eal::~Eal() {
  if (owner_) rte_eal_cleanup();
}

bool Eal::has_hugepages() const { return rte_eal_has_hugepages() != 0; }

}  // namespace vswitch
