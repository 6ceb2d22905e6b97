#include "pipeline/program.h"

namespace vswitch {
namespace {

// What a port's packets need read, as far as it was gathered.
struct Gathered {
  PortNumber port;
  PortNeeds needs;
};

void add_meter(const Program& program, uint32_t number, RuleId rule, PortNeeds& needs) {
  if (const Meter* const meter = program.meters->find(number)) needs.add(meter->headers(), rule);
}

// Chains of groups are bounded.
void add_group(const Program& program, uint32_t number, RuleId rule, PortNeeds& needs) {
  const Group* const group = program.groups->find(number);
  if (group == nullptr) return;
  needs.add(group->headers(), rule);
  for (const uint32_t named : group->groups()) add_group(program, named, rule, needs);
  for (const uint32_t named : group->meters()) add_meter(program, named, rule, needs);
}

void add_needs(const Program& program, const TableNeeds& table, Gathered& out) {
  for (const PortNeeds& needs : table) {
    if (needs.in_port != 0 && needs.in_port != out.port) continue;
    for (HeaderSet left = needs.headers; left != 0; left &= left - 1) {
      const auto bit = static_cast<uint32_t>(__builtin_ctz(left));
      out.needs.add(1u << bit, needs.because[bit]);
    }
    for (const auto& [number, rule] : needs.groups) add_group(program, number, rule, out.needs);
    for (const auto& [number, rule] : needs.meters) add_meter(program, number, rule, out.needs);
    out.needs.next_tables |= needs.next_tables;
  }
}

void add_tables(const Program& program, const SlotTables& tables, Gathered& out) {
  out.needs.next_tables = 1;
  uint64_t been = 0;
  while (const uint64_t left = out.needs.next_tables & ~been) {
    const auto table = static_cast<uint32_t>(__builtin_ctzll(left));
    been |= uint64_t{1} << table;
    if (tables[table]) add_needs(program, *tables[table]->needs, out);
  }
}

}  // namespace

void Program::plan_parsers() {
  for (PortNumber port = 1; port < kPorts; ++port) {
    Gathered gathered{port, {}};
    if (egress[port].open) {
      if (ports[port].slot != kUplinkSlot) {
        add_tables(*this, *slots[ports[port].slot], gathered);
      } else {
        // An uplink's packet may be anybody's.
        add_needs(*this, steering->needs, gathered);
        for (const auto& slot : slots) add_tables(*this, *slot, gathered);
      }
    }
    ports[port].plan = {};
    ports[port].plan.add(gathered.needs.headers);
    ports[port].because = gathered.needs.because;
  }
}

}  // namespace vswitch
