// Packets that the published program is tried with, by the control thread: the data plane's own code, with a sink in the place of
// the devices, and counters that nobody reads.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "pipeline/pipeline.h"

namespace vswitch {

struct ProbePacket {
  PortNumber in_port = 0;
  std::vector<uint8_t> bytes;
};

// A look-up: what the table was asked, and the packet as it was then.
struct ProbeStep {
  uint32_t table = 0;
  RuleId rule = kNoRule;
  FlowKey key = {};
  std::vector<uint8_t> bytes;
};

struct ProbeOutput {
  PortNumber port = 0;
  std::vector<uint8_t> bytes;
};

struct ProbeResult {
  TenantSlot slot = 0;
  std::vector<ProbeOutput> out;
  std::vector<ProbeStep> steps;
  std::vector<uint32_t> punted;   // handlers
  std::vector<DropReason> drops;  // a reason as often as it came up, in the order of the reasons
  std::array<uint64_t, kStages> cycles = {};
};

class Prober : private TxSink, private PipelineObserver {
 public:
  Prober(const Capacity& capacity, ConntrackWorker* conntrack);

  // Fails with NO_MEMORY where no packet buffers are free, with INVALID_ARGUMENT where the port is not open.
  // A trial leaves meters and connections as they were.
  Result<ProbeResult> run(const Program& program, rte_mempool* pool, const ProbePacket& packet, bool is_trial);

 private:
  void take(PortNumber port, rte_mbuf* packet) override;
  void on_hit(TenantSlot slot, uint32_t table, const Burst& burst, uint32_t packet, RuleId rule) override;
  void read_counters();
  void read_punted();

  Counters counters_;
  TxBuffer tx_;
  CycleMeter meter_;
  Random random_;
  ConntrackWorker* const conntrack_;
  PuntLane lane_;
  PipelineScratch scratch_;
  Burst burst_;
  ProbeResult result_;
};

}  // namespace vswitch
