#include "control/probe.h"

#include <algorithm>

#include "dpdk/clock.h"

namespace vswitch {
namespace {

std::vector<uint8_t> bytes_of(const rte_mbuf* packet) {
  std::vector<uint8_t> bytes(rte_pktmbuf_pkt_len(packet));
  size_t at = 0;
  for (const rte_mbuf* segment = packet; segment != nullptr; segment = segment->next) {
    memcpy(bytes.data() + at, rte_pktmbuf_mtod(segment, const uint8_t*), segment->data_len);
    at += segment->data_len;
  }
  return bytes;
}

// A packet of these bytes, in as many segments as they need; null where no buffers are free.
rte_mbuf* make_packet(rte_mempool* pool, const std::vector<uint8_t>& bytes) {
  rte_mbuf* const packet = rte_pktmbuf_alloc(pool);
  if (packet == nullptr) return nullptr;
  rte_mbuf* last = packet;
  for (size_t at = 0; at < bytes.size();) {
    if (rte_pktmbuf_tailroom(last) == 0) {
      last->next = rte_pktmbuf_alloc(pool);
      if (last->next == nullptr) {
        rte_pktmbuf_free(packet);
        return nullptr;
      }
      last = last->next;
      ++packet->nb_segs;
    }
    const auto part = static_cast<uint16_t>(std::min<size_t>(bytes.size() - at, rte_pktmbuf_tailroom(last)));
    memcpy(rte_pktmbuf_mtod(last, uint8_t*) + last->data_len, bytes.data() + at, part);
    last->data_len = static_cast<uint16_t>(last->data_len + part);
    packet->pkt_len += part;
    at += part;
  }
  return packet;
}

void add_reasons(TenantCounters& tenant, std::vector<DropReason>& drops) {
  for (uint32_t reason = 0; reason < kDropReasons; ++reason) {
    drops.insert(drops.end(), tenant.drops[reason].read(), static_cast<DropReason>(reason));
    tenant.drops[reason].set(0);
  }
}

constexpr size_t kLaneBytes = 64u << 10;

}  // namespace

Prober::Prober(const Capacity& capacity, ConntrackWorker* conntrack)
    : counters_(capacity), tx_(0, this), random_(1), conntrack_(conntrack), lane_(ByteRing::make(kLaneBytes), nullptr, {}) {}

Result<ProbeResult> Prober::run(const Program& program, rte_mempool* pool, const ProbePacket& packet, bool is_trial) {
  if (packet.in_port >= kPorts || !program.egress[packet.in_port].open)
    return error(ErrorCode::INVALID_ARGUMENT, "port number " + std::to_string(packet.in_port) + " is not open");
  if (lane_.to_plugins == nullptr) return error(ErrorCode::NO_MEMORY, "no memory for a packet to plugins");
  burst_.packet[0] = make_packet(pool, packet.bytes);
  if (burst_.packet[0] == nullptr) return error(ErrorCode::NO_MEMORY, "no packet buffers are free");
  burst_.count = 1;
  burst_.in_port = packet.in_port;
  result_ = {};
  result_.slot = program.ports[packet.in_port].slot;
  meter_.start(counters_.worker, cycles_per_second(), cycles_per_second());
  run_pipeline(program,
               {&counters_, &tx_, &meter_, &scratch_, &random_, conntrack_, nullptr, nullptr, nullptr, this, is_trial, &lane_},
               burst_);
  read_counters();
  read_punted();
  return std::move(result_);
}

// Sets back what it read: only the packet's own slot, and the uplink's, can have counted.
void Prober::read_counters() {
  TenantCounters& tenant = counters_.tenants[result_.slot];
  for (uint32_t stage = 0; stage < kStages; ++stage) {
    result_.cycles[stage] = tenant.cycles[stage].read();
    tenant.cycles[stage].set(0);
  }
  add_reasons(tenant, result_.drops);
}

void Prober::read_punted() {
  ByteRing& ring = *lane_.to_plugins;
  for (auto bytes = ring.readable(); !bytes.empty(); bytes = ring.readable()) {
    PuntRecord record;
    memcpy(&record, bytes.data(), sizeof record);
    result_.punted.push_back(record.handler);
    ring.consume(punt_bytes(record.length));
  }
}

void Prober::take(PortNumber port, rte_mbuf* packet) {
  result_.out.push_back({port, bytes_of(packet)});
  rte_pktmbuf_free(packet);
}

void Prober::on_hit(TenantSlot slot, uint32_t table, const Burst& burst, uint32_t packet, RuleId rule) {
  result_.slot = slot;
  result_.steps.push_back({table, rule, burst.key[packet], bytes_of(burst.packet[packet])});
}

}  // namespace vswitch
