#include "action/conntrack.h"

#include "meter/cycle_meter.h"
#include "packet/tracked_packet.h"
#include "packet/translate.h"

namespace vswitch {
namespace {

// In the order of CtVerdict.
constexpr DropReason kReasons[] = {
    DropReason::rule_drop,        DropReason::ct_table_full,    DropReason::ct_tenant_full, DropReason::ct_zone_full,
    DropReason::ct_rate_exceeded, DropReason::ct_nat_exhausted, DropReason::ct_fragment,
};

// Packets of the burst that is tracked.
struct TrackedBurst {
  CtPacket packet[kBurst];
  CtResult result[kBurst];
};

// Among them are some that a conntrack has translated. Those that this zone has are handled as that; in their order, as if one
// after the other.
VSWITCH_COLD void track_some_again(const ActionContext& context, const CtRequest& request, const Selection& packets,
                                   TrackedBurst& tracked) noexcept {
  const uint16_t zone = rte_cpu_to_be_16(request.zone);
  const auto translated = [&](uint32_t i) -> uint8_t {
    const FlowKey& key = context.burst.key[packets.index[i]];
    return key.ct_zone == zone ? key.ct_state & kCtTranslated : 0;
  };
  for (uint32_t begin = 0, end = 0; begin < packets.count; begin = end) {
    const uint8_t nat = translated(begin);
    while (end < packets.count && translated(end) == nat) ++end;
    const CtPacket* const first = &tracked.packet[begin];
    CtResult* const results = &tracked.result[begin];
    const Cycles now = context.meter->last();
    if (nat == 0) {
      context.conntrack->track(context.slot, request, first, end - begin, now, context.is_trial, results);
    } else {
      context.conntrack->track_translated(context.slot, request, first, end - begin, now, context.is_trial, nat, results);
    }
  }
}

}  // namespace

VSWITCH_HOT void ThroughConntrack::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  if (__builtin_expect(context.conntrack == nullptr, 0)) return drop_all(context, packets, DropReason::ct_table_full);
  const CtRequest& request = op.payload<CtRequest>();
  const uint16_t zone = rte_cpu_to_be_16(request.zone);
  Burst& burst = context.burst;
  TrackedBurst tracked;
  uint8_t before = 0;
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint32_t packet = packets.index[i];
    read_tracked(burst.packet[packet], burst.layers[packet], tracked.packet[i]);
    before |= burst.key[packet].ct_state;
  }
  if (__builtin_expect((before & kCtTranslated) == 0, 1)) {
    context.conntrack->track(context.slot, request, tracked.packet, packets.count, context.meter->last(), context.is_trial,
                             tracked.result);
  } else {
    track_some_again(context, request, packets, tracked);
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint8_t packet = packets.index[i];
    const CtResult& result = tracked.result[i];
    if (__builtin_expect(result.verdict != CtVerdict::ok, 0)) {
      drop_packet(context, packet, kReasons[static_cast<size_t>(result.verdict)]);
      continue;
    }
    FlowKey& key = burst.key[packet];
    key.ct_state = result.state;
    key.ct_zone = zone;
    key.ct_mark = rte_cpu_to_be_32(result.mark);
    if (result.translate && !translate(burst.packet[packet], burst.layers[packet], tracked.packet[i], result.to, key)) {
      drop_packet(context, packet, DropReason::ct_fragment);
      continue;
    }
    packets.index[kept++] = packet;
  }
  packets.count = kept;
}

}  // namespace vswitch
