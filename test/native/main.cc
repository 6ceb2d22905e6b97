// Starts DPDK without hugepages or devices, so that the tests run anywhere and as anybody.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "dpdk/eal.h"
#include "dpdk/log_capture.h"

int main(int argc, char** argv) {
  vswitch::LogCapture::install(false);
  const std::string prefix = "--file-prefix=native-tests-" + std::to_string(getpid());
  auto eal = vswitch::Eal::start({"--lcores=0@0", "--no-huge", "--no-shconf", prefix, "-m", "64", "--no-pci", "--no-telemetry"});
  if (!eal.ok()) {
    fprintf(stderr, "DPDK does not start: %s\n%s\n", eal.error().message.c_str(), eal.error().log.c_str());
    return 1;
  }
  doctest::Context context(argc, argv);
  return context.run();
}
