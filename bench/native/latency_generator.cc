// Sends stamped frames through a switch: as many as come back without a loss, then at parts of that rate. Prints a line of JSON.
// Usage: latency-generator TO FROM QUEUES FLOWS[+answers] ETH_DST WARM_UP_MS WINDOW_MS PERCENT[+FLOOD]...
// TO and FROM are DPDK devices (--vdev), QUEUES the receive queues of FROM, ETH_DST what the switch writes, FLOOD the frames a
// second of a flood beside the others.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "dpdk/eal.h"
#include "dpdk/mempool.h"
#include "traffic.h"

using namespace vswitch;

namespace {

constexpr uint32_t kBuffers = 16'384;
constexpr uint32_t kUnderWay = 512;  // fewer than a ring holds: nothing is lost
constexpr uint32_t kConnectMs = 20'000;
constexpr uint32_t kDrainMs = 1'000;
constexpr uint32_t kSliceMs = 1;

struct Run {
  double packets_per_second = 0;
  uint64_t sent = 0;
  uint64_t received = 0;
  Histogram cycles;
};

Cycles cycles_of(uint32_t ms) { return cycles_per_second() / 1000 * ms; }

// What is still under way, so that the next run begins with nothing.
void drain(Traffic& traffic, Run& run) {
  const Cycles end = now() + cycles_of(kDrainMs);
  while (run.received < run.sent && now() < end) run.received += traffic.receive(run.cycles);
}

// A new frame for each that came back: the rate is that of the slowest, the switch. Others use the cores too: the ninth decile of
// slices is the rate while both run.
Run closed_loop(Traffic& traffic, uint32_t ms) {
  Run run;
  std::vector<uint64_t> slices;
  const Cycles end = now() + cycles_of(ms);
  while (now() < end) {
    const uint64_t before = run.received;
    const Cycles start = now();
    while (now() < start + cycles_of(kSliceMs)) {
      if (run.sent - run.received <= kUnderWay - Traffic::kBurst) run.sent += traffic.send(Traffic::kBurst);
      run.received += traffic.receive(run.cycles);
    }
    slices.push_back((run.received - before) * cycles_per_second() / (now() - start));
  }
  const size_t decile = slices.size() * 9 / 10;
  std::nth_element(slices.begin(), slices.begin() + decile, slices.end());
  run.packets_per_second = static_cast<double>(slices[decile]);
  drain(traffic, run);
  return run;
}

// Evenly at a rate. Frames that were due while this thread did not run are left out: a burst of them would measure this thread.
class Pace {
 public:
  Pace(Cycles start, double packets_per_second)
      : interval_(static_cast<double>(cycles_per_second()) / packets_per_second), next_(static_cast<double>(start)) {}
  uint32_t due(Cycles at) {
    const double due = (static_cast<double>(at) - next_) / interval_;
    if (due > Traffic::kBurst) {
      next_ = static_cast<double>(at);
      return 0;
    }
    const auto count = static_cast<uint32_t>(std::max(due, 0.0));
    if (count != 0) next_ += count * interval_;  // the interval of none is infinite
    return count;
  }

 private:
  double interval_, next_;
};

Run open_loop(Traffic& traffic, uint32_t ms, double packets_per_second, double flood_per_second) {
  Run run;
  const Cycles start = now();
  const Cycles end = start + cycles_of(ms);
  Pace pace(start, packets_per_second);
  Pace flood(start, flood_per_second);
  for (Cycles at = start; at < end; at = now()) {
    if (const uint32_t count = pace.due(at); count != 0) run.sent += traffic.send(count);
    if (const uint32_t count = flood.due(at); count != 0) traffic.flood(count);
    run.received += traffic.receive(run.cycles);
  }
  run.packets_per_second = static_cast<double>(run.sent) * cycles_per_second() / (now() - start);
  drain(traffic, run);
  return run;
}

void print(const Run& run, uint32_t percent) {
  printf("{\"percent\":%u,\"packetsPerS\":%.0f,\"sent\":%lu,\"received\":%lu,\"cycles\":[", percent, run.packets_per_second,
         run.sent, run.received);
  const char* comma = "";
  run.cycles.for_each([&](uint64_t value, uint64_t count) {
    printf("%s[%lu,%lu]", comma, value, count);
    comma = ",";
  });
  printf("]}");
}

[[noreturn]] void give_up(const std::string& why) {
  fprintf(stderr, "%s\n", why.c_str());
  exit(EXIT_FAILURE);
}

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) give_up(result.error().message + "\n" + result.error().log);
  return std::move(result.value());
}

uint32_t number(const char* text) { return static_cast<uint32_t>(strtoul(text, nullptr, 10)); }

// What is behind the plus; empty where there is none.
std::string behind_plus(const std::string& text) {
  const size_t at = text.find('+');
  return at == std::string::npos ? "" : text.substr(at + 1);
}

Port open(const char* devargs, uint32_t rx_queues, rte_mempool* pool) {
  PortSpec spec;
  spec.name = devargs;
  spec.devargs = devargs;
  spec.rx_queues = static_cast<uint16_t>(rx_queues);
  return must(Port::open(spec, pool));
}

}  // namespace

int main(int argc, char** argv) {
  rte_ether_addr eth_dst;
  if (argc < 9 || rte_ether_unformat_addr(argv[5], &eth_dst) != 0) give_up("usage: see latency_generator.cc");
  const uint32_t warm_up_ms = number(argv[6]);
  const uint32_t window_ms = number(argv[7]);
  const std::string prefix = "--file-prefix=latency-" + std::to_string(getpid());
  const Eal eal = must(Eal::start({"--lcores=0@0", "--no-huge", "--no-shconf", prefix, "-m", "256", "--single-file-segments",
                                   "--no-pci", "--no-telemetry", "--log-level=error"}));
  const Mempool pool = must(make_mempool("packets", kBuffers, RTE_MBUF_DEFAULT_DATAROOM));
  const Port from = open(argv[2], number(argv[3]), pool.get());
  const Port to = open(argv[1], 1, pool.get());
  const Cycles latest = now() + cycles_of(kConnectMs);
  while (!from.link_up() || !to.link_up()) {
    if (now() > latest) give_up("the other side does not answer");
    usleep(10'000);
  }

  Traffic traffic(to, from, pool.get(), number(argv[4]), behind_plus(argv[4]) == "answers", eth_dst);
  closed_loop(traffic, warm_up_ms);
  const Run fastest = closed_loop(traffic, window_ms);
  printf("{\"tscHz\":%lu,\"runs\":[", cycles_per_second());
  print(fastest, 100);
  for (int i = 8; i < argc; ++i) {
    printf(",");
    const uint32_t percent = number(argv[i]);
    const double flood = number(behind_plus(argv[i]).c_str());
    print(open_loop(traffic, window_ms, fastest.packets_per_second * percent / 100, flood), percent);
  }
  printf("],\"strangers\":%lu}\n", traffic.strangers());
}
