// Sends stamped frames through a switch: as many as come back without a loss, then at parts of that rate. Prints a line of JSON.
// Usage: latency-generator TO FROM QUEUES FLOWS[+answers] ETH_DST WARM_UP_MS WINDOW_MS PERCENT[+FLOOD]...
// TO and FROM are DPDK devices (--vdev), QUEUES the receive queues of FROM, ETH_DST what the switch writes, FLOOD the frames a
// second of a flood beside the others.
#include <cstdio>
#include <string>

#include "ends.h"
#include "load.h"

using namespace vswitch;

namespace {

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

// What is behind the plus; empty where there is none.
std::string behind_plus(const std::string& text) {
  const size_t at = text.find('+');
  return at == std::string::npos ? "" : text.substr(at + 1);
}

}  // namespace

int main(int argc, char** argv) {
  rte_ether_addr eth_dst;
  if (argc < 9 || rte_ether_unformat_addr(argv[5], &eth_dst) != 0) give_up("usage: see latency_generator.cc");
  const uint32_t warm_up_ms = number(argv[6]);
  const uint32_t window_ms = number(argv[7]);
  Ends ends;
  const Port from = ends.open(argv[2], number(argv[3]));
  const Port to = ends.open(argv[1], 1);
  wait_for(from);
  wait_for(to);

  Traffic traffic(to, from, ends.pool.get(), number(argv[4]), behind_plus(argv[4]) == "answers", eth_dst);
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
