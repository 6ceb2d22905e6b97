// Everything a worker needs, in one immutable object: published by one pointer, adopted at a burst boundary, freed when no worker
// holds it any more. Tables, groups and meters are shared between programs that did not change them.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "action/group.h"
#include "action/meter.h"
#include "action/program.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/slot_set.h"
#include "packet/parse_plan.h"
#include "pipeline/needs.h"
#include "punt/lane.h"
#include "table/table.h"

namespace vswitch {

// What a table's target stands for.
struct Target {
  RuleId rule;
  uint32_t program;  // rules with the same actions share it
};

// A table of a slot.
struct FlowTable {
  FlowTable(Table found, size_t rules, std::shared_ptr<const TableNeeds> needed)
      : table(std::move(found)), is_large(rules > kNear), needs(std::move(needed)) {}

  Table table;
  bool is_large;  // the programs and counters of its rules are not all in the second level of cache
  std::shared_ptr<const TableNeeds> needs;

 private:
  static constexpr size_t kNear = 4096;
};

// The tables of a slot, by number; null: without rules.
using SlotTables = std::array<std::shared_ptr<const FlowTable>, kMaxTables>;

// The steering table; its targets are tenant slots.
struct Steering {
  Table table;
  TableNeeds needs;
};

struct PortEntry {
  TenantSlot slot = kUplinkSlot;
  ParsePlan plan;
  std::array<RuleId, kHeaders> because = {};  // by header of the plan; kNoRule: steering
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
  std::array<const Gateways*, kPorts> gateways = {};
  std::array<FloodPorts, kSlots> flood;
  std::array<PuntLanes*, kSlots> punt = {};  // null: the tenant has no plugins
  SlotSet punting = 0;                       // of the tenants that have
  std::shared_ptr<const Steering> steering;
  std::array<std::shared_ptr<const SlotTables>, kSlots> slots;
  const Target* targets = nullptr;  // of all rules
  const ActionProgram* programs = nullptr;
  std::shared_ptr<const GroupTable> groups;
  std::shared_ptr<const MeterTable> meters;
  std::array<std::vector<RxQueue>, kMaxWorkers> rx;  // by worker

  // Plans each open port's parser from the tables that its packets can meet.
  void plan_parsers();
};

}  // namespace vswitch
