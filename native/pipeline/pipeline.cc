#include "pipeline/pipeline.h"

#include "packet/parser.h"
#include "pipeline/steer.h"
#include "pipeline/tables.h"
#include "pipeline/verdict.h"

namespace vswitch {
namespace {

// Cycles of the stages that a burst goes through before its packets are told apart by tenant.
struct SharedCycles {
  Cycles rx, parse, steer;
};

DropReason reason_of(ParseVerdict verdict) noexcept {
  if (verdict == ParseVerdict::kRunt) return DropReason::runt_frame;
  return verdict == ParseVerdict::kSplit ? DropReason::header_split : DropReason::malformed_header;
}

void count_received(const Burst& burst, const Selection& packets, TenantCounters& tenant) noexcept {
  if constexpr (!kAccounting) return;
  uint64_t bytes = burst.all_bytes;
  if (packets.count != burst.count) {
    bytes = 0;
    for (uint32_t i = 0; i < packets.count; ++i) bytes += burst.bytes[packets.index[i]];
  }
  tenant.traffic.rx_packets.add(packets.count);
  tenant.traffic.rx_bytes.add(bytes);
}

// Packets that are not well-formed are told from the others, counted and dropped; whose they are is known of a Gw port's only.
VSWITCH_COLD void drop_malformed(Burst& burst, const ParseVerdict verdict[kBurst], TenantCounters& tenant,
                                 Selection& rest) noexcept {
  Selection bad;
  for (uint32_t i = 0; i < burst.count; ++i) (verdict[i] == ParseVerdict::kOk ? rest : bad).add(i);
  count_received(burst, bad, tenant);
  for (uint32_t i = 0; i < bad.count; ++i) {
    const uint32_t packet = bad.index[i];
    drop(burst, packet, tenant, reason_of(verdict[packet]));
  }
}

VSWITCH_INLINE Selection select_all(uint32_t count) noexcept {
  Selection all;
  for (uint32_t i = 0; i < kBurst; ++i) all.add(i);
  all.count = count;
  return all;
}

// Packets of a tenant that spent its cycles go before they take more.
void drop_over_budget(const PipelineContext& context, Burst& burst, const Selection& packets, TenantSlot slot) noexcept {
  TenantCounters& tenant = context.counters->tenants[slot];
  const auto reason = context.budget->is_capped(slot) ? DropReason::cycle_cap_exceeded : DropReason::cycle_share_exceeded;
  tenant.drops[static_cast<uint32_t>(reason)].add(packets.count);
  for (uint32_t i = 0; i < packets.count; ++i) context.tx->discard(burst.packet[packets.index[i]]);
  context.tx->free_discarded();
  tenant.charge(Stage::steer, context.meter->lap());
  context.budget->dropped(slot, tenant, packets.count);
}

// The part of a burst that is one tenant's, with that tenant's tables, on that tenant's bill.
void run_tenant(const Program& program, const PipelineContext& context, Burst& burst, const Selection& packets,
                TenantSlot slot) noexcept {
  run_tables(program, context, burst, packets, slot);
  if (!context.tx->empty()) {
    TenantCounters& tenant = context.counters->tenants[slot];
    context.tx->flush(context.counters->ports, tenant);
    tenant.charge(Stage::tx, context.meter->lap());
  }
}

// Splits what the burst cost together by packets. Each tenant gets its part of what is left, and the last one all, so that the
// division loses nothing.
void charge_shared(Counters& counters, const Steered& steered, uint32_t packets, SharedCycles left) noexcept {
  if constexpr (!kAccounting) return;
  for (uint32_t i = 0; i < steered.count; ++i) {
    TenantCounters& tenant = counters.tenants[steered.slot[i]];
    const uint32_t own = steered.packets[i].count;
    const auto take = [&](Cycles& rest) {
      const Cycles share = packets > own ? rest * own / packets : rest;
      rest -= share;
      return share;
    };
    tenant.charge(Stage::rx, take(left.rx));
    tenant.charge(Stage::parse, take(left.parse));
    tenant.charge(Stage::steer, take(left.steer));
    packets -= own;
  }
}

}  // namespace

VSWITCH_HOT void run_pipeline(const Program& program, const PipelineContext& context, Burst& burst) noexcept {
  Counters& counters = *context.counters;
  CycleMeter& meter = *context.meter;
  const PortEntry& port = program.ports[burst.in_port];
  SharedCycles shared;
  shared.rx = meter.lap();

  burst.sent = 0;
  burst.written = 0;
  ParseVerdict verdict[kBurst];
  Selection packets;
  if (parse_burst(port.plan, burst, verdict) == 0) {
    packets = select_all(burst.count);
  } else {
    drop_malformed(burst, verdict, counters.tenants[port.slot], packets);
  }
  TrafficCounters& port_counters = counters.ports[burst.in_port];
  port_counters.rx_packets.add(burst.count);
  port_counters.rx_bytes.add(burst.all_bytes);
  shared.parse = meter.lap();

  Steered steered;
  steer(program, burst, packets, steered);
  for (uint32_t i = 0; i < steered.count; ++i) count_received(burst, steered.packets[i], counters.tenants[steered.slot[i]]);
  const bool is_shared = is_steered(program, burst.in_port);
  shared.steer = is_shared ? meter.lap() : 0;  // a stamp costs what a packet does

  if (steered.count == 0) {
    // All of an uplink's burst was malformed, which is nobody's.
    steered.count = 1;
    steered.slot[0] = kUplinkSlot;
    steered.packets[0].count = 0;
  }
  charge_shared(counters, steered, packets.count, shared);
  Budget* const budget = context.budget;
  for (uint32_t i = 0; i < steered.count; ++i) {
    const TenantSlot slot = steered.slot[i];
    // Of a port that is one tenant's, the worker would not have received them.
    if (budget != nullptr && is_shared && __builtin_expect(budget->is_over(slot), 0)) {
      drop_over_budget(context, burst, steered.packets[i], slot);
    } else {
      run_tenant(program, context, burst, steered.packets[i], slot);
      if (budget != nullptr) budget->spent(slot, counters.tenants[slot], steered.packets[i].count);
    }
  }
}

}  // namespace vswitch
