#include "action/meter.h"

#include <string>

#include "dpdk/clock.h"
#include "packet/checksum.h"

namespace vswitch {
namespace {

constexpr uint32_t kTries = 1000;

// Other than IP packets have no DSCP, and stay as they are.
void remark(uint8_t* packet, const Layers& layers, uint8_t dscp) noexcept {
  if (layers.ipv4 != 0) {
    uint8_t* const ip = packet + layers.ipv4;
    uint16_t before;
    uint16_t after;
    uint16_t checksum;
    memcpy(&before, ip, sizeof before);
    ip[1] = static_cast<uint8_t>(dscp << 2 | (ip[1] & 3));
    memcpy(&after, ip, sizeof after);
    memcpy(&checksum, ip + 10, sizeof checksum);
    checksum = update_checksum(checksum, before, after);
    memcpy(ip + 10, &checksum, sizeof checksum);
  } else if (layers.ipv6 != 0) {
    uint8_t* const ip = packet + layers.ipv6;
    ip[0] = static_cast<uint8_t>((ip[0] & 0xf0) | dscp >> 2);
    ip[1] = static_cast<uint8_t>((ip[1] & 0x3f) | dscp << 6);
  }
}

}  // namespace

Result<std::shared_ptr<Meter>> Meter::make(const MeterSpec& spec) {
  std::shared_ptr<Meter> meter(new Meter(spec));
  if (Status fault = meter->configure()) return *fault;
  return meter;
}

Status Meter::configure() {
  int failure = -1;
  switch (spec_.kind) {
    case MeterKind::srtcm: {
      rte_meter_srtcm_params params{spec_.cir, spec_.cbs, spec_.second_burst};
      failure = rte_meter_srtcm_profile_config(&profile_.srtcm, &params);
      if (failure == 0) failure = rte_meter_srtcm_config(&state_.srtcm, &profile_.srtcm);
      break;
    }
    case MeterKind::trtcm: {
      rte_meter_trtcm_params params{spec_.cir, spec_.second_rate, spec_.cbs, spec_.second_burst};
      failure = rte_meter_trtcm_profile_config(&profile_.trtcm, &params);
      if (failure == 0) failure = rte_meter_trtcm_config(&state_.trtcm, &profile_.trtcm);
      break;
    }
    case MeterKind::trtcm_rfc4115: {
      rte_meter_trtcm_rfc4115_params params{spec_.cir, spec_.second_rate, spec_.cbs, spec_.second_burst};
      failure = rte_meter_trtcm_rfc4115_profile_config(&profile_.rfc4115, &params);
      if (failure == 0) failure = rte_meter_trtcm_rfc4115_config(&state_.rfc4115, &profile_.rfc4115);
      break;
    }
  }
  if (failure == 0) return {};
  return error(ErrorCode::BAD_TRANSACTION, "meter number " + std::to_string(spec_.number) + ": rates or bursts out of range");
}

HeaderSet Meter::headers() const noexcept {
  const bool remarks = spec_.yellow == MeterVerdict::dscp_remark || spec_.red == MeterVerdict::dscp_remark;
  return remarks ? kIpv4 | kIpv6 | kEtherType : 0;
}

bool Meter::take() noexcept {
  for (uint32_t i = 0; i < kTries; ++i) {
    if (!taken_.test_and_set(std::memory_order_acquire)) return true;
  }
  return false;
}

rte_color Meter::colour(uint64_t time, uint32_t length) noexcept {
  switch (spec_.kind) {
    case MeterKind::srtcm:
      return rte_meter_srtcm_color_blind_check(&state_.srtcm, &profile_.srtcm, time, length);
    case MeterKind::trtcm:
      return rte_meter_trtcm_color_blind_check(&state_.trtcm, &profile_.trtcm, time, length);
    case MeterKind::trtcm_rfc4115:
      return rte_meter_trtcm_rfc4115_color_blind_check(&state_.rfc4115, &profile_.rfc4115, time, length);
  }
  return RTE_COLOR_GREEN;
}

VSWITCH_HOT void Meter::measure(const ActionContext& context, MeterCounters& counters, Selection& packets) noexcept {
  Burst& burst = context.burst;
  uint64_t bytes = 0;
  uint64_t colours[RTE_COLORS] = {};
  uint32_t kept = 0;
  const bool measured = take();
  const uint64_t time = now();
  const State before = state_;
  const uint32_t count = packets.count;
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t packet = packets.index[i];
    const uint32_t length = rte_pktmbuf_pkt_len(burst.packet[packet]);
    const rte_color found = measured ? colour(time, spec_.packets ? 1 : length) : RTE_COLOR_GREEN;
    bytes += length;
    ++colours[found];
    const MeterVerdict verdict = found == RTE_COLOR_GREEN    ? MeterVerdict::pass
                                 : found == RTE_COLOR_YELLOW ? spec_.yellow
                                                             : spec_.red;
    if (verdict == MeterVerdict::drop) {
      drop_packet(context, packet, DropReason::meter_exceeded);
      continue;
    }
    if (verdict == MeterVerdict::dscp_remark) {
      remark(rte_pktmbuf_mtod(burst.packet[packet], uint8_t*), burst.layers[packet],
             found == RTE_COLOR_YELLOW ? spec_.yellow_dscp : spec_.red_dscp);
    }
    packets.index[kept++] = packet;
  }
  if (measured && context.is_trial) state_ = before;
  if (measured) taken_.clear(std::memory_order_release);
  packets.count = kept;
  counters.packets.add(count);
  counters.bytes.add(bytes);
  counters.green.add(colours[RTE_COLOR_GREEN]);
  counters.yellow.add(colours[RTE_COLOR_YELLOW]);
  counters.red.add(colours[RTE_COLOR_RED]);
}

Status ThroughMeter::check(const Action& action) {
  if (action.value < UINT32_MAX) return {};
  return error(ErrorCode::BAD_TRANSACTION, "a meter's number is out of range");
}

void ThroughMeter::append(const Action& action, std::vector<Op>& ops) {
  Op op{ActionKind::meter};
  op.argument = static_cast<uint32_t>(action.value);
  ops.push_back(op);
}

VSWITCH_HOT void ThroughMeter::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  // A rule names meters that are there: RuleStore sees to it.
  if (Meter* const meter = context.meters.find(op.argument))
    meter->measure(context, context.counters.meters[op.argument], packets);
}

}  // namespace vswitch
