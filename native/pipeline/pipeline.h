// A packet's way through the switch, a burst at a time: parse, steer to its tenant, then table by table match and act, send.
// Start reading in pipeline.cc.
#pragma once

#include "action/group.h"
#include "base/random.h"
#include "meter/budget.h"
#include "meter/cycle_meter.h"
#include "meter/stage_timer.h"
#include "packet/burst.h"
#include "pipeline/program.h"
#include "pipeline/steer.h"
#include "port/tx_buffer.h"

namespace vswitch {

// What waits for the tables that come, and the bursts of copies that groups work on.
struct PipelineScratch {
  PipelineScratch() {
    for (uint32_t i = 0; i + 1 < kMaxGroupDepth; ++i) groups[i].next = &groups[i + 1];
  }

  Selection pending[kMaxTables];
  Steered steered;
  GroupScratch groups[kMaxGroupDepth];
};

// Told of every look-up, where somebody traces packets.
class PipelineObserver {
 public:
  virtual ~PipelineObserver() = default;
  // `rule` is kNoRule where no rule matched.
  virtual void on_hit(TenantSlot slot, uint32_t table, const Burst& burst, uint32_t packet, RuleId rule) = 0;
};

// Of what each tenant's packets cost, and of what packets cost together before it is known whose they are.
struct StageSplits {
  std::array<StageSplit, kSlots> tenants;
  StageSplit together;
};

// What a worker has of its own; used by that worker only, but for the counters, which others read.
struct PipelineContext {
  Counters* counters;
  TxBuffer* tx;
  CycleMeter* meter;
  PipelineScratch* scratch;
  Random* random;
  ConntrackWorker* conntrack = nullptr;  // null: no connections are kept
  Budget* budget = nullptr;              // null: whatever a packet takes is given
  StageSplits* splits = nullptr;         // null: every stage of every burst is stamped
  ReplyLimiter* replies = nullptr;       // null: every packet that may be answered is
  PipelineObserver* observer = nullptr;
  bool is_trial = false;
  PuntLane* probe_lane = nullptr;  // takes the place of those of the program
  uint32_t worker = 0;
};

// Handles a received burst; every packet is sent or dropped when it returns. The meter's lap before the call is the receiving.
void run_pipeline(const Program& program, const PipelineContext& context, Burst& burst) noexcept;

// The same for packets that a tenant's plugins gave back, into that tenant's tables. They were received once, and are not counted
// so again. `mark` is of each packet the high half of its metadata.
void run_resumed(const Program& program, const PipelineContext& context, Burst& burst, const uint32_t mark[kBurst],
                 TenantSlot slot) noexcept;

}  // namespace vswitch
