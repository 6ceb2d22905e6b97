#include "worker/resume.h"

#include <cstring>

#include "action/action.h"

namespace vswitch {
namespace {

VSWITCH_INLINE rte_mbuf* make(const PuntRecord& record, const uint8_t* frame, rte_mempool* pool,
                              TenantCounters& tenant) noexcept {
  rte_mbuf* const packet = rte_pktmbuf_alloc(pool);
  if (__builtin_expect(packet == nullptr, 0)) {
    count_drop(tenant, DropReason::no_buffer);
    return nullptr;
  }
  if (__builtin_expect(record.length > rte_pktmbuf_tailroom(packet), 0)) {
    rte_pktmbuf_free(packet);
    count_drop(tenant, DropReason::mtu_exceeded);
    return nullptr;
  }
  memcpy(rte_pktmbuf_mtod(packet, uint8_t*), frame, record.length);
  packet->data_len = static_cast<uint16_t>(record.length);
  packet->pkt_len = record.length;
  return packet;
}

// Fills the burst with packets in a row that ask for the same, which is `first`; there may be none of which one can be made.
VSWITCH_INLINE void take(ByteRing& ring, rte_mempool* pool, TenantCounters& tenant, Burst& burst, PuntRecord& first,
                         uint32_t mark[kBurst]) noexcept {
  const std::span<const uint8_t> bytes = ring.readable();
  size_t at = 0;
  burst.count = 0;
  while (at < bytes.size() && burst.count < kBurst) {
    PuntRecord record;
    memcpy(&record, &bytes[at], sizeof record);
    if (burst.count != 0 && (record.port != first.port || record.kind != first.kind)) break;
    first = record;
    rte_mbuf* const packet = make(record, &bytes[at] + sizeof record, pool, tenant);
    at += punt_bytes(record.length);
    if (packet == nullptr) continue;
    mark[burst.count] = record.mark;
    burst.packet[burst.count++] = packet;
  }
  ring.consume(at);
}

// Why the tenant's plugins may not ask for it; null: they may. Frames go out of the tenant's own ports, and come in by these and
// by those that are nobody's.
const DropReason* refusal(const Program& program, TenantSlot slot, const PuntRecord& asked) noexcept {
  static constexpr DropReason kGone = DropReason::output_port_gone;
  static constexpr DropReason kRefused = DropReason::policy_refused;
  if (asked.port >= kPorts || !program.egress[asked.port].open) return &kGone;
  const TenantSlot owner = program.ports[asked.port].slot;
  const bool may = owner == slot || (asked.kind == static_cast<uint8_t>(PuntVerdict::kResume) && owner == kUplinkSlot);
  return may ? nullptr : &kRefused;
}

VSWITCH_COLD void refuse(const PipelineContext& context, const Burst& burst, TenantSlot slot, DropReason reason) noexcept {
  TenantCounters& tenant = context.counters->tenants[slot];
  rte_pktmbuf_free_bulk(const_cast<rte_mbuf**>(burst.packet), burst.count);
  count_drop(tenant, reason, burst.count);
  context.counters->punt[slot].refused.add(burst.count);
  tenant.charge(Stage::rx, context.meter->lap());
  if (context.budget != nullptr) context.budget->spent(slot, tenant);
}

// Out of a port, as they are.
void send(const PipelineContext& context, const Burst& burst, const EgressPort& egress, PortNumber port,
          TenantSlot slot) noexcept {
  TenantCounters& tenant = context.counters->tenants[slot];
  TxBuffer& tx = *context.tx;
  uint32_t lost = 0;
  for (uint32_t i = 0; i < burst.count; ++i) {
    if (__builtin_expect(!within_mtu(egress, burst.packet[i]), 0)) {
      tx.discard(burst.packet[i]);
      ++lost;
    } else {
      tx.stage(port, egress.device, burst.packet[i], context.counters->ports[port], tenant);
    }
  }
  count_drop(tenant, DropReason::mtu_exceeded, lost);
  context.counters->punt[slot].output.add(burst.count - lost);
  context.counters->punt[slot].refused.add(lost);
  tx.free_discarded();
  tx.flush(context.counters->ports, tenant);
  tenant.charge(Stage::tx, context.meter->lap());
  if (context.budget != nullptr) context.budget->spent(slot, tenant);
}

}  // namespace

VSWITCH_HOT void resume(const Program& program, const PipelineContext& context, Burst& burst, TenantSlot slot, ByteRing& ring,
                        rte_mempool* pool) noexcept {
  PuntRecord asked;
  uint32_t mark[kBurst];
  take(ring, pool, context.counters->tenants[slot], burst, asked, mark);
  if (const DropReason* const reason = refusal(program, slot, asked); reason != nullptr) {
    refuse(context, burst, slot, *reason);
  } else if (asked.kind == static_cast<uint8_t>(PuntVerdict::kResume)) {
    burst.in_port = asked.port;
    context.counters->punt[slot].resumed.add(burst.count);
    run_resumed(program, context, burst, mark, slot);
  } else {
    send(context, burst, program.egress[asked.port], asked.port, slot);
  }
}

}  // namespace vswitch
