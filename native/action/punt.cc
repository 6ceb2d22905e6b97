#include "action/punt.h"

#include "meter/cycle_meter.h"
#include "punt/lane.h"

namespace vswitch {
namespace {

constexpr DropReason kPuntQueueFull = DropReason::punt_queue_full;
constexpr DropReason kPuntRateExceeded = DropReason::punt_rate_exceeded;

void write_record(const ActionContext& context, uint32_t index, uint32_t handler, uint8_t* to) noexcept {
  const Burst& burst = context.burst;
  const rte_mbuf* segment = burst.packet[index];
  const uint32_t length = rte_pktmbuf_pkt_len(segment);
  const auto mark = static_cast<uint32_t>(__builtin_bswap64(burst.key[index].metadata) >> 32);
  const PuntRecord record{length, 0, static_cast<uint8_t>(context.worker), burst.in_port, handler, mark};
  // What pads it is written first: the header or the frame may be where it begins.
  memset(to + punt_bytes(length) - 8, 0, 8);
  memcpy(to, &record, sizeof record);
  to += sizeof record;
  for (; segment != nullptr; segment = segment->next) {
    memcpy(to, rte_pktmbuf_mtod(segment, const uint8_t*), segment->data_len);
    to += segment->data_len;
  }
}

const DropReason* punt(const ActionContext& context, PuntLane& lane, uint32_t index, uint32_t handler, Cycles now) noexcept {
  const uint32_t length = rte_pktmbuf_pkt_len(context.burst.packet[index]);
  if (__builtin_expect(length > kMaxPuntBytes, 0)) return &kMtuExceeded;
  if (!lane.take(now)) return &kPuntRateExceeded;
  uint8_t* const to = lane.to_plugins->reserve(punt_bytes(length));
  if (__builtin_expect(to == nullptr, 0)) return &kPuntQueueFull;
  write_record(context, index, handler, to);
  return nullptr;
}

}  // namespace

void Punt::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  PuntLane* const lane = context.punt;
  if (lane == nullptr) return drop_all(context, packets, DropReason::no_plugin);
  const Cycles now = context.meter == nullptr ? 0 : context.meter->last();
  uint64_t bytes = 0;
  for_each_index(context, packets, [&](uint32_t index) -> const DropReason* {
    const DropReason* const reason = punt(context, *lane, index, op.argument, now);
    if (reason == nullptr) bytes += rte_pktmbuf_pkt_len(context.burst.packet[index]);
    return reason;
  });
  lane->to_plugins->publish();
  PuntCounters& counters = context.counters.punt[context.slot];
  counters.punted.add(packets.count);
  counters.punted_bytes.add(bytes);
  for (uint32_t i = 0; i < packets.count; ++i) context.tx.discard(context.burst.packet[packets.index[i]]);
  packets.count = 0;
}

}  // namespace vswitch
