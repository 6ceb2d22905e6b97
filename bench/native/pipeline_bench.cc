// A packet's way through the pipeline without its devices' side of receiving: cycles per packet of the main paths, in bursts
// that are sent to net_null. What callgrind counts of run_pipeline is the same in every run.
//
// pipeline-bench [ROUNDS [SCENARIO...]] prints a line of JSON for each scenario; pipeline-bench --list the names of those whose
// instructions are counted, which are all but the large ones. Without names these are run.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "dpdk/eal.h"
#include "dpdk/mempool.h"
#include "large_scenarios.h"
#include "pipeline/pipeline.h"
#include "pipeline_scenarios.h"
#include "port/port.h"
#include "state/conntrack.h"

using namespace vswitch;
using namespace vswitch::bench;

namespace {

class Lab {
 public:
  Lab() {
    auto pool = make_mempool("pipeline-bench", 4095, 2048);
    if (!pool.ok()) fail("no pool");
    pool_ = std::move(pool.value());
    PortSpec spec;
    spec.number = kSink;
    spec.name = "sink";
    spec.slot = 1;
    spec.devargs = "net_null0,no-rx=1";
    lanes_.lanes[0] = std::make_unique<PuntLane>(ByteRing::make(kLaneBytes), ByteRing::make(1), PuntRate{});
    auto sink = Port::open(spec, pool_.get());
    if (!sink.ok()) fail(sink.error().message);
    sink_ = std::make_unique<Port>(std::move(sink.value()));
  }

  void measure(const std::string& name, Work work, uint32_t rounds) {
    const Capacity capacity{std::max(4096u, static_cast<uint32_t>(work.transaction.add.size())), 64, 64};
    counters_ = std::make_unique<Counters>(capacity);
    meter_.start(counters_->worker, cycles_per_second(), cycles_per_second());
    RuleStore rules(capacity, 32, links_);
    auto staged = rules.stage(std::move(work.transaction));
    if (!staged.ok()) fail(name + ": " + staged.error().message);
    rules.commit(std::move(staged.value()));
    Program program;
    program.steering = rules.steering();
    program.slots = rules.tables();
    program.targets = rules.targets();
    program.programs = rules.programs();
    program.groups = rules.groups();
    program.meters = rules.meters();
    program.ports[kSource].slot = work.slot;
    program.ports[kSink].slot = 1;
    program.egress[kSource] = program.egress[kSink] = sink_->egress();
    program.punt[work.slot] = &lanes_;
    program.plan_parsers();
    rules.settle();
    connect(work.connections);

    const uint32_t bursts = std::max(kBursts, static_cast<uint32_t>(work.packets.size()) / kBurst);
    const uint32_t packets = bursts * kBurst;
    std::vector<double> cycles;
    for (uint32_t round = 0; round < rounds; ++round) {
      Cycles spent = 0;
      for (uint32_t burst = 0; burst < bursts; ++burst) spent += run(program, work.packets, burst * kBurst);
      cycles.push_back(static_cast<double>(spent) / packets);
    }
    std::sort(cycles.begin(), cycles.end());
    if (ended(work.slot) != uint64_t{rounds} * packets) fail(name + ": packets were lost");
    printf("{\"scenario\":\"%s\",\"packets\":%u,\"cyclesPerPacket\":{\"minimum\":%.1f,\"median\":%.1f}}\n", name.c_str(),
           rounds * packets, cycles.front(), cycles[cycles.size() / 2]);
  }

 private:
  [[noreturn]] static void fail(const std::string& why) {
    fprintf(stderr, "pipeline-bench: %s\n", why.c_str());
    exit(1);
  }

  void connect(const std::vector<CtPacket>& packets) {
    if (packets.empty()) return;
    CtOptions options;
    options.entries = static_cast<uint32_t>(packets.size());
    options.cycles_per_second = cycles_per_second();
    auto made = Conntrack::make(options, rcu_.value());
    if (!made.ok()) fail(made.error().message);
    conntrack_ = std::move(made.value());
    CtRequest request;
    request.commit = true;
    for (const CtPacket& packet : packets) {
      CtResult result;
      conntrack_->worker(0).track(1, request, &packet, 1, now(), false, &result);
      if (result.verdict != CtVerdict::ok) fail("a connection was refused");
    }
  }

  // Sent, given to plugins, or dropped as a rule says.
  [[nodiscard]] uint64_t ended(TenantSlot slot) const {
    return counters_->ports[kSink].tx_packets.read() + counters_->punt[slot].punted.read() +
           counters_->tenants[slot].drops[static_cast<uint32_t>(DropReason::rule_drop)].read();
  }

  Cycles run(const Program& program, const std::vector<test::Bytes>& packets, uint32_t first) {
    burst_.in_port = kSource;
    burst_.count = kBurst;
    if (rte_pktmbuf_alloc_bulk(pool_.get(), burst_.packet, kBurst) != 0) fail("no buffers");
    for (uint32_t i = 0; i < kBurst; ++i) {
      const test::Bytes& bytes = packets[(first + i) % packets.size()];
      memcpy(rte_pktmbuf_append(burst_.packet[i], static_cast<uint16_t>(bytes.size())), bytes.data(), bytes.size());
    }
    const Cycles start = now();
    run_pipeline(
        program,
        {counters_.get(), &tx_, &meter_, &scratch_, &random_, conntrack_ ? &conntrack_->worker(0) : nullptr, nullptr, &splits_},
        burst_);
    const Cycles spent = now() - start;
    ByteRing& punted = *lanes_.lanes[0]->to_plugins;
    punted.consume(punted.readable().size());
    return spent;
  }

  static constexpr size_t kLaneBytes = 1 << 18;  // as the switch has by default

  Mempool pool_;
  PuntLanes lanes_;
  Result<Rcu> rcu_ = Rcu::make(1);
  std::unique_ptr<Conntrack> conntrack_;
  std::unique_ptr<Port> sink_;
  std::unique_ptr<Counters> counters_;  // of the scenario that is measured
  TxBuffer tx_{0};
  LinkStates links_ = {};
  CycleMeter meter_;
  Random random_{1};
  PipelineScratch scratch_;
  StageSplits splits_;
  Burst burst_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (const auto& [name, make] : kScenarios) printf("%s\n", name.c_str());
    return 0;
  }
  const std::string prefix = "--file-prefix=pipeline-bench-" + std::to_string(getpid());
  auto eal = Eal::start({"--lcores=0@1", "--no-huge", "--no-shconf", prefix, "-m", "64", "--no-pci", "--no-telemetry"});
  if (!eal.ok()) {
    fprintf(stderr, "DPDK does not start: %s\n", eal.error().message.c_str());
    return 1;
  }
  const uint32_t rounds = argc > 1 ? static_cast<uint32_t>(std::max(1, atoi(argv[1]))) : 1000;
  Lab lab;
  const auto is_named = [&](const std::string& name) {
    return std::any_of(argv + std::min(argc, 2), argv + argc, [&](const char* one) { return name == one; });
  };
  for (const auto& [name, make] : kScenarios) {
    if (argc <= 2 || is_named(name)) lab.measure(name, make(), rounds);
  }
  for (const auto& [name, make] : kLargeScenarios) {
    if (is_named(name)) lab.measure(name, make(), rounds);
  }
}
