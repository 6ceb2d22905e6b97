// DPDK's log, kept for the error of the operation that caused it. One writer: whoever logs, under the lock of the stream.
#pragma once

#include <string>

namespace vswitch {

class LogCapture {
 public:
  // Sends DPDK's log here, for the rest of the process's life; warnings and worse also reach stderr where `echo` is set.
  static void install(bool echo);
  // The last lines since the previous call, at most 4 KiB.
  static std::string take();
};

}  // namespace vswitch
