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

}  // namespace

VSWITCH_HOT void ThroughConntrack::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  if (__builtin_expect(context.conntrack == nullptr, 0)) return drop_all(context, packets, DropReason::ct_table_full);
  const CtRequest& request = op.payload<CtRequest>();
  const uint16_t zone = rte_cpu_to_be_16(request.zone);
  Burst& burst = context.burst;
  CtPacket tracked[kBurst];
  CtResult results[kBurst];
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint32_t packet = packets.index[i];
    read_tracked(burst.packet[packet], burst.layers[packet], tracked[i]);
  }
  context.conntrack->track(context.slot, request, tracked, packets.count, context.meter->last(), context.is_trial, results);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint8_t packet = packets.index[i];
    const CtResult& result = results[i];
    if (__builtin_expect(result.verdict != CtVerdict::ok, 0)) {
      drop_packet(context, packet, kReasons[static_cast<size_t>(result.verdict)]);
      continue;
    }
    FlowKey& key = burst.key[packet];
    key.ct_state = result.state;
    key.ct_zone = zone;
    key.ct_mark = rte_cpu_to_be_32(result.mark);
    if (result.translate) translate(burst.packet[packet], burst.layers[packet], tracked[i], result.to, key);
    packets.index[kept++] = packet;
  }
  packets.count = kept;
}

}  // namespace vswitch
