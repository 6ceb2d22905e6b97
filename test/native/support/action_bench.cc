#include "support/action_bench.h"

#include <doctest/doctest.h>

#include <cstring>

#include "packet/parser.h"

namespace vswitch::test {
namespace {

// Groups and meters are no part of this: the actions that use them are tested with the pipeline.
template <typename T>
const T& nothing() {
  alignas(64) static uint8_t place[64] = {};
  return *reinterpret_cast<const T*>(place);
}

Bytes bytes_of(const rte_mbuf* packet) {
  Bytes bytes;
  for (; packet != nullptr; packet = packet->next) {
    const auto* data = rte_pktmbuf_mtod(packet, const uint8_t*);
    bytes.insert(bytes.end(), data, data + packet->data_len);
  }
  return bytes;
}

}  // namespace

ActionBench::ActionBench() : counters_(std::make_unique<Counters>(Capacity{})), tx_(std::make_unique<TxBuffer>(0)) {
  static int made = 0;
  const std::string number = std::to_string(++made);
  auto pool = make_mempool(("actions" + number).c_str(), 1023, 2048);
  REQUIRE(pool.ok());
  pool_ = std::move(pool.value());
  PortSpec spec;
  spec.number = kOpen;
  spec.name = "actions";
  spec.slot = 1;
  spec.devargs = "net_ring" + std::to_string(900000 + made);
  auto port = Port::open(spec, pool_.get());
  REQUIRE(port.ok());
  port_ = std::make_unique<Port>(std::move(port.value()));
}

ActionBench::~ActionBench() { sent(); }

rte_mbuf* ActionBench::make(const Bytes& packet, const Layout& layout) {
  rte_mbuf* first = nullptr;
  rte_mbuf* last = nullptr;
  size_t at = 0;
  for (size_t i = 0; i <= layout.segments.size(); ++i) {
    const size_t bytes = i < layout.segments.size() ? std::min(layout.segments[i], packet.size() - at) : packet.size() - at;
    rte_mbuf* segment = rte_pktmbuf_alloc(pool_.get());
    REQUIRE(segment != nullptr);
    if (first == nullptr) segment->data_off = layout.headroom;
    REQUIRE(bytes <= rte_pktmbuf_tailroom(segment));
    memcpy(rte_pktmbuf_append(segment, static_cast<uint16_t>(bytes)), packet.data() + at, bytes);
    at += bytes;
    if (first == nullptr) {
      first = segment;
    } else {
      last->next = segment;
      first->pkt_len += segment->data_len;
      ++first->nb_segs;
    }
    last = segment;
  }
  return first;
}

Outcome ActionBench::run(const std::vector<Step>& steps, const Bytes& packet, const Layout& layout) {
  auto burst = std::make_unique<Burst>();
  burst->in_port = 1;
  burst->count = 1;
  burst->packet[0] = make(packet, layout);
  ParsePlan plan;
  for (const Step& step : steps) plan.add(step.headers);
  ParseVerdict verdict[kBurst];
  REQUIRE(parse_burst(plan, *burst, verdict) == 0);

  std::vector<EgressPort> egress(kPorts);
  egress[kOpen] = {port_->device(), true, 8, mtu + 14};
  std::vector<const Gateways*> answering(kPorts);
  if (!gateways.list.empty()) {
    egress[1] = egress[kOpen];
    answering[1] = &gateways;
  }
  const FloodPorts flood{};
  TenantCounters& tenant = counters_->tenants[1];
  const ActionContext context{*burst,
                              egress.data(),
                              answering.data(),
                              *tx_,
                              counters_->ports,
                              tenant,
                              plan,
                              flood,
                              nothing<GroupTable>(),
                              nothing<MeterTable>(),
                              *counters_,
                              random_,
                              nullptr,
                              false,
                              1,
                              &meter_,
                              nullptr,
                              &replies_};
  uint64_t before[kDropReasons];
  for (uint32_t i = 0; i < kDropReasons; ++i) before[i] = tenant.drops[i].read();
  Selection packets;
  packets.add(0);
  for (const Step& step : steps) {
    if (packets.count != 0) step.apply(context, step.ops.front(), packets);
  }
  tx_->free_discarded();
  Outcome outcome;
  if (packets.count == 0) {
    for (uint32_t i = 0; i < kDropReasons; ++i) {
      if (tenant.drops[i].read() != before[i]) outcome.drop = static_cast<DropReason>(i);
    }
    return outcome;
  }
  rte_mbuf* const mbuf = burst->packet[0];
  rte_mbuf_sanity_check(mbuf, 1);
  outcome.packet = bytes_of(mbuf);
  outcome.key = burst->key[0];
  outcome.layers = burst->layers[0];
  (void)parse_again(plan, *burst, 0);
  outcome.fresh = burst->layers[0];
  rte_pktmbuf_free(mbuf);
  return outcome;
}

void ActionBench::reset() {
  sent();
  gateways = {};
  mtu = kMtu;
  replies_ = {};
}

ActionBench& shared_bench() {
  static auto* const bench = new ActionBench;
  bench->reset();
  return *bench;
}

std::vector<Bytes> ActionBench::sent() {
  tx_->flush(counters_->ports, counters_->tenants[1]);
  std::vector<Bytes> packets;
  rte_mbuf* packet;
  while (receive(port_->device(), 0, &packet, 1) == 1) {
    packets.push_back(bytes_of(packet));
    rte_pktmbuf_free(packet);
  }
  return packets;
}

}  // namespace vswitch::test
