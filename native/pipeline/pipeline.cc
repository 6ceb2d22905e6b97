#include "pipeline/pipeline.h"

#include <utility>

#include "packet/parser.h"
#include "pipeline/tables.h"
#include "pipeline/verdict.h"

namespace vswitch {
namespace {

// The packets of a burst that are well-formed, and the bytes of the others.
struct Parsed {
  Selection packets;
  uint64_t bad_bytes = 0;
};

DropReason reason_of(ParseVerdict verdict) noexcept {
  if (verdict == ParseVerdict::kRunt) return DropReason::runt_frame;
  return verdict == ParseVerdict::kSplit ? DropReason::header_split : DropReason::malformed_header;
}

VSWITCH_COLD void drop_malformed(Burst& burst, const ParseVerdict verdict[kBurst], TenantCounters& tenant,
                                 Parsed& parsed) noexcept {
  for (uint32_t i = 0; i < burst.count; ++i) {
    if (verdict[i] == ParseVerdict::kOk) {
      parsed.packets.add(i);
    } else {
      parsed.bad_bytes += burst.bytes[i];
      drop(burst, i, tenant, reason_of(verdict[i]));
    }
  }
}

VSWITCH_INLINE void select_all(uint32_t count, Selection& all) noexcept {
  for (uint32_t i = 0; i < kBurst; ++i) all.index[i] = static_cast<uint8_t>(i);
  all.count = count;
}

// Packets that are not well-formed are dropped, on the tenant's account.
VSWITCH_INLINE Parsed parse(const ParsePlan& plan, Burst& burst, TenantCounters& tenant) noexcept {
  burst.sent = 0;
  burst.written = 0;
  burst.tunnelled = 0;
  memset(burst.resubmits, 0, sizeof burst.resubmits);
  ParseVerdict verdict[kBurst];
  Parsed parsed;
  if (__builtin_expect(parse_burst(plan, burst, verdict) == 0, 1)) {
    select_all(burst.count, parsed.packets);
  } else {
    drop_malformed(burst, verdict, tenant, parsed);
  }
  return parsed;
}

VSWITCH_INLINE void count_received(TenantCounters& tenant, uint32_t packets, uint64_t bytes) noexcept {
  if constexpr (!kAccounting) return;
  tenant.traffic.rx_packets.add(packets);
  tenant.traffic.rx_bytes.add(bytes);
}

VSWITCH_INLINE uint64_t bytes_of(const Burst& burst, const Selection& packets) noexcept {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < packets.count; ++i) bytes += burst.bytes[packets.index[i]];
  return bytes;
}

VSWITCH_INLINE void charge(TenantCounters& tenant, const StageCycles& cycles) noexcept {
  for (uint32_t stage = 0; stage < kStages; ++stage) tenant.charge(static_cast<Stage>(stage), cycles[stage]);
}

VSWITCH_INLINE StageSplit* split_of(const PipelineContext& context, TenantSlot slot) noexcept {
  return context.splits == nullptr ? nullptr : &context.splits->tenants[slot];
}

// The packets of a burst that are one tenant's, through that tenant's tables, on that tenant's bill.
VSWITCH_INLINE void run_tenant(const Program& program, const PipelineContext& context, Burst& burst, const Selection& packets,
                               TenantSlot slot, StageTimer& timer) noexcept {
  TenantCounters& tenant = context.counters->tenants[slot];
  run_tables(program, context, burst, packets, slot, timer);
  Stage last = Stage::act;
  if (!context.tx->empty()) {
    last = Stage::tx;
    context.tx->flush(context.counters->ports, tenant);
  }
  charge(tenant, timer.end(last));
  if (context.budget != nullptr) context.budget->spent(slot, tenant);
}

// Packets of a tenant that spent its cycles go before they take more.
void drop_over_budget(const PipelineContext& context, const Burst& burst, const Selection& packets, TenantSlot slot) noexcept {
  TenantCounters& tenant = context.counters->tenants[slot];
  for (uint32_t i = 0; i < packets.count; ++i) context.tx->discard(burst.packet[packets.index[i]]);
  context.tx->free_discarded();
  count_drop(tenant, context.budget->is_capped(slot) ? DropReason::cycle_cap_exceeded : DropReason::cycle_share_exceeded,
             packets.count);
  tenant.charge(Stage::steer, context.meter->lap());
  context.budget->dropped(slot, tenant);
}

// Splits by packets what the burst cost together. Each tenant gets its part of what is left, and the last one all, so that the
// division loses nothing.
void charge_together(Counters& counters, const Steered& steered, uint32_t packets, StageCycles left) noexcept {
  if constexpr (!kAccounting) return;
  if (packets == 0) return charge(counters.tenants[kUplinkSlot], left);  // all were malformed, which is nobody's
  for_each_slot(steered.slots, [&](TenantSlot slot) {
    const uint32_t own = steered.packets[slot].count;
    const uint32_t part_q16 = (own << 16) / packets;
    StageCycles share;
    for (uint32_t stage = 0; stage < kStages; ++stage) {
      share[stage] = left[stage] * part_q16 >> 16;
      left[stage] -= share[stage];
    }
    charge(counters.tenants[slot], share);
    packets -= own;
  });
}

// A burst of a port that is one tenant's.
VSWITCH_INLINE void run_own(const Program& program, const PipelineContext& context, Burst& burst, TenantSlot slot) noexcept {
  TenantCounters& tenant = context.counters->tenants[slot];
  if (context.budget != nullptr) context.budget->queued(slot, burst.count);
  StageTimer timer(*context.meter, split_of(context, slot));
  timer.end_stage(Stage::rx);
  const Selection packets = parse(program.ports[burst.in_port].plan, burst, tenant).packets;
  count_received(tenant, burst.count, burst.all_bytes);
  timer.end_stage(Stage::parse);
  run_tenant(program, context, burst, packets, slot, timer);
}

// A burst that may be of several tenants.
VSWITCH_INLINE void run_shared(const Program& program, const PipelineContext& context, Burst& burst) noexcept {
  Counters& counters = *context.counters;
  Budget* const budget = context.budget;
  Steered& steered = context.scratch->steered;
  StageTimer timer(*context.meter, context.splits == nullptr ? nullptr : &context.splits->together);
  timer.end_stage(Stage::rx);
  const Parsed parsed = parse(program.ports[burst.in_port].plan, burst, counters.tenants[kUplinkSlot]);
  const uint32_t count = parsed.packets.count;
  if (count != burst.count) count_received(counters.tenants[kUplinkSlot], burst.count - count, parsed.bad_bytes);
  timer.end_stage(Stage::parse);
  steer(program, burst, parsed.packets, steered);
  charge_together(counters, steered, count, timer.end(Stage::steer));

  for_each_slot(std::exchange(steered.slots, 0), [&](TenantSlot slot) {
    Selection& packets = steered.packets[slot];
    count_received(counters.tenants[slot], packets.count, bytes_of(burst, packets));
    if (budget != nullptr) budget->queued(slot, packets.count);
    if (budget != nullptr && __builtin_expect(budget->is_over(slot), 0)) {
      drop_over_budget(context, burst, packets, slot);
    } else {
      StageTimer own(*context.meter, split_of(context, slot));
      run_tenant(program, context, burst, packets, slot, own);
    }
    packets.count = 0;
  });
}

}  // namespace

VSWITCH_HOT void run_resumed(const Program& program, const PipelineContext& context, Burst& burst, const uint32_t mark[kBurst],
                             TenantSlot slot) noexcept {
  if (context.budget != nullptr) context.budget->queued(slot, burst.count);
  StageTimer timer(*context.meter, split_of(context, slot));
  timer.end_stage(Stage::rx);
  const Selection packets = parse(program.ports[burst.in_port].plan, burst, context.counters->tenants[slot]).packets;
  for (uint32_t i = 0; i < burst.count; ++i) burst.key[i].metadata = __builtin_bswap64(uint64_t{mark[i]} << 32);
  timer.end_stage(Stage::parse);
  run_tenant(program, context, burst, packets, slot, timer);
}

VSWITCH_HOT void run_pipeline(const Program& program, const PipelineContext& context, Burst& burst) noexcept {
  if (is_steered(program, burst.in_port)) {
    run_shared(program, context, burst);
  } else {
    run_own(program, context, burst, program.ports[burst.in_port].slot);
  }
  TrafficCounters& traffic = context.counters->ports[burst.in_port];
  traffic.rx_packets.add(burst.count);
  traffic.rx_bytes.add(burst.all_bytes);
}

}  // namespace vswitch
