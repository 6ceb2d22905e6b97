// Everything a worker needs, in one immutable object: published by one pointer, adopted at a burst boundary, freed when no worker
// holds it any more. Tables are shared between programs that did not change them.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "action/program.h"
#include "base/ids.h"
#include "base/limits.h"
#include "packet/parse_plan.h"
#include "table/table.h"

namespace vswitch {

// Which packets of a slot need which headers: those of one port, or of every port (port 0).
struct HeaderNeed {
  PortNumber in_port;
  HeaderSet headers;

  friend bool operator==(const HeaderNeed&, const HeaderNeed&) = default;
};

// A table of a slot; its targets index `programs`.
struct FlowTable {
  Table table;
  std::vector<ActionProgram> programs;
  std::vector<HeaderNeed> needs;
};

// The steering table; its targets are tenant slots.
struct Steering {
  Table table;
  std::vector<HeaderNeed> needs;
};

struct PortEntry {
  TenantSlot slot = kUplinkSlot;
  ParsePlan plan;
};

struct RxQueue {
  PortNumber port;
  uint16_t device;
  uint16_t queue;
};

struct Program {
  Generation generation = 0;
  std::array<PortEntry, kPorts> ports;
  std::array<EgressPort, kPorts> egress;
  std::shared_ptr<const Steering> steering;
  // The first table of each slot: where its packets begin.
  std::array<std::shared_ptr<const FlowTable>, kSlots> slots;
  std::array<std::vector<RxQueue>, kMaxWorkers> rx;  // by worker

  // Plans each open port's parser from the tables that its packets can meet.
  void plan_parsers();
};

}  // namespace vswitch
