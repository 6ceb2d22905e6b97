#include "load.h"

#include <vector>

namespace vswitch {
namespace {

constexpr uint32_t kUnderWay = 512;  // fewer than a ring holds: nothing is lost
constexpr uint32_t kDrainMs = 1'000;
constexpr uint32_t kSliceMs = 1;

}  // namespace

void drain(Traffic& traffic, Run& run) {
  const Cycles end = now() + cycles_of(kDrainMs);
  while (run.received < run.sent && now() < end) run.received += traffic.receive(run.cycles);
}

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

}  // namespace vswitch
