#include "dpdk/log_capture.h"

#include <rte_log.h>

#include <cstdio>
#include <mutex>
#include <utility>

namespace vswitch {
namespace {

constexpr size_t kKeptBytes = 4096;

struct Kept {
  std::mutex mutex;
  std::string text;
  bool echo = false;
};

// Leaked on purpose: EAL threads may log while the process exits.
Kept& kept() {
  static auto* instance = new Kept;
  return *instance;
}

ssize_t on_write(void*, const char* data, size_t size) {
  Kept& log = kept();
  const std::lock_guard lock(log.mutex);
  log.text.append(data, size);
  if (log.text.size() > kKeptBytes) log.text.erase(0, log.text.size() - kKeptBytes);
  if (log.echo) fwrite(data, 1, size, stderr);
  return static_cast<ssize_t>(size);
}

}  // namespace

void LogCapture::install(bool echo) {
  kept().echo = echo;
  static FILE* stream = [] {
    cookie_io_functions_t functions{};
    functions.write = on_write;
    FILE* file = fopencookie(nullptr, "w", functions);
    if (file != nullptr) setvbuf(file, nullptr, _IOLBF, 512);
    return file;
  }();
  if (stream != nullptr) rte_openlog_stream(stream);
}

std::string LogCapture::take() {
  Kept& log = kept();
  const std::lock_guard lock(log.mutex);
  return std::exchange(log.text, {});
}

}  // namespace vswitch
