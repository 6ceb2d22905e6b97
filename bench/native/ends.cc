#include "ends.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "load.h"

namespace vswitch {
namespace {

constexpr uint32_t kBuffers = 16'384;
constexpr uint32_t kConnectMs = 20'000;

Result<Eal> start_eal() {
  const std::string prefix = "--file-prefix=latency-" + std::to_string(getpid());
  return Eal::start({"--lcores=0@0", "--no-huge", "--no-shconf", prefix, "-m", "256", "--single-file-segments", "--no-pci",
                     "--no-telemetry", "--log-level=error"});
}

}  // namespace

void give_up(const std::string& why) {
  fprintf(stderr, "%s\n", why.c_str());
  exit(EXIT_FAILURE);
}

uint32_t number(const char* text) { return static_cast<uint32_t>(strtoul(text, nullptr, 10)); }

Ends::Ends() : eal(must(start_eal())), pool(must(make_mempool("packets", kBuffers, RTE_MBUF_DEFAULT_DATAROOM))) {}

Port Ends::open(const char* devargs, uint32_t rx_queues) {
  PortSpec spec;
  spec.name = devargs;
  spec.devargs = devargs;
  spec.rx_queues = static_cast<uint16_t>(rx_queues);
  return must(Port::open(spec, pool.get()));
}

void wait_for(const Port& port) {
  const Cycles latest = now() + cycles_of(kConnectMs);
  while (!port.link_up()) {
    if (now() > latest) give_up("the other side does not answer");
    usleep(10'000);
  }
}

}  // namespace vswitch
