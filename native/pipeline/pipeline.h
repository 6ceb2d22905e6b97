// A packet's way through the switch, a burst at a time: parse, steer to its tenant, match, act, send. Start reading in
// pipeline.cc.
#pragma once

#include "meter/cycle_meter.h"
#include "packet/burst.h"
#include "pipeline/program.h"
#include "port/tx_buffer.h"

namespace vswitch {

// What a worker has of its own; used by that worker only, but for the counters, which others read.
struct PipelineContext {
  Counters* counters;
  TxBuffer* tx;
  CycleMeter* meter;
};

// Handles a received burst; every packet is sent or dropped when it returns. The meter's lap before the call is the receiving.
void run_pipeline(const Program& program, const PipelineContext& context, Burst& burst) noexcept;

}  // namespace vswitch
