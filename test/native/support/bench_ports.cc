#include "support/bench_ports.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "worker/resume.h"

namespace vswitch::test {

Bench::Bench() : counters_(std::make_unique<Counters>(kCapacity)), tx_(std::make_unique<TxBuffer>(0)) {
  static int made = 0;
  ++made;
  auto pool = make_mempool(("bench" + std::to_string(made)).c_str(), 1535, 2048);
  REQUIRE(pool.ok());
  pool_ = std::move(pool.value());
  for (PortNumber number = 1; number <= 4; ++number) {
    PortSpec spec;
    spec.number = number;
    spec.name = "p" + std::to_string(number);
    spec.slot = number == 1 ? 0 : number == 4 ? 2 : 1;
    spec.devargs = "net_ring" + std::to_string(made * 10 + number);
    auto port = Port::open(spec, pool_.get());
    REQUIRE(port.ok());
    ports_.push_back(std::move(port.value()));
    set_link(number, true);
  }
  meter_.start(counters_->worker, cycles_per_second(), cycles_per_second());
  install({});
}

void Bench::track(CtOptions options) {
  REQUIRE(rcu_.ok());
  options.cycles_per_second = cycles_per_second();
  auto made = Conntrack::make(options, rcu_.value());
  REQUIRE(made.ok());
  conntrack_ = std::move(made.value());
}

Status Bench::install(std::vector<Rule> rules, std::vector<Rule> steering) {
  rules_ = std::make_unique<RuleStore>(kCapacity, 32, links_);
  Transaction transaction;
  transaction.add = std::move(rules);
  transaction.steer = std::move(steering);
  return apply(std::move(transaction));
}

Status Bench::apply(Transaction transaction) {
  auto staged = rules_->stage(std::move(transaction));
  if (!staged.ok()) return staged.error();
  rules_->commit(std::move(staged.value()));
  program_.steering = rules_->steering();
  program_.slots = rules_->tables();
  program_.targets = rules_->targets();
  program_.programs = rules_->programs();
  program_.groups = rules_->groups();
  program_.meters = rules_->meters();
  program_.flood = {};
  for (const Port& port : ports_) {
    const PortNumber number = port.spec().number;
    program_.ports[number].slot = port.spec().slot;
    program_.egress[number] = port.egress();
    FloodPorts& flood = program_.flood[port.spec().slot];
    flood.port[flood.count++] = static_cast<uint8_t>(number);
  }
  program_.plan_parsers();
  rules_->settle();
  return {};
}

std::vector<Sent> Bench::run(PortNumber in_port, const std::vector<Bytes>& packets) {
  Burst burst;
  burst.in_port = in_port;
  for (const Bytes& bytes : packets) {
    rte_mbuf* packet = rte_pktmbuf_alloc(pool_.get());
    REQUIRE(packet != nullptr);
    char* const place = rte_pktmbuf_append(packet, static_cast<uint16_t>(bytes.size()));
    std::copy(bytes.begin(), bytes.end(), place);
    burst.packet[burst.count++] = packet;
  }
  around(true);
  run_pipeline(program_, context(), burst);
  around(false);
  return sent();
}

PipelineContext Bench::context() {
  return {counters_.get(), tx_.get(), &meter_, &scratch_, &random_, conntrack_ ? &conntrack_->worker(0) : nullptr,
          nullptr,         nullptr,   nullptr, nullptr,   is_trial};
}

void Bench::listen(size_t ring_bytes, const PuntRate& rate) {
  lanes_ = std::make_unique<PuntLanes>();
  lanes_->lanes[0] = std::make_unique<PuntLane>(ByteRing::make(ring_bytes), ByteRing::make(ring_bytes), rate);
  program_.punt[1] = lanes_.get();
  program_.punting = slot_bit(1);
}

std::vector<std::pair<PuntRecord, Bytes>> Bench::punted() {
  std::vector<std::pair<PuntRecord, Bytes>> records;
  ByteRing& ring = *lanes_->lanes[0]->to_plugins;
  const auto bytes = ring.readable();
  for (size_t at = 0; at < bytes.size();) {
    PuntRecord record;
    memcpy(&record, &bytes[at], sizeof record);
    const auto* const frame = &bytes[at] + sizeof record;
    records.emplace_back(record, Bytes(frame, frame + record.length));
    at += punt_bytes(record.length);
  }
  ring.consume(bytes.size());
  return records;
}

std::vector<Sent> Bench::give_back(const PuntRecord& record, const Bytes& frame) {
  ByteRing& ring = *lanes_->lanes[0]->from_plugins;
  uint8_t* const to = ring.reserve(punt_bytes(record.length));
  REQUIRE(to != nullptr);
  memcpy(to, &record, sizeof record);
  std::copy(frame.begin(), frame.end(), to + sizeof record);
  ring.publish();
  Burst burst;
  while (!ring.readable().empty()) resume(program_, context(), burst, 1, ring, pool_.get());
  return sent();
}

std::vector<Sent> Bench::sent() {
  std::vector<Sent> sent;
  for (const Port& port : ports_) {
    rte_mbuf* out;
    while (receive(port.device(), 0, &out, 1) == 1) {
      const auto* data = rte_pktmbuf_mtod(out, const uint8_t*);
      sent.push_back({port.spec().number, to_hex(Bytes(data, data + rte_pktmbuf_data_len(out)))});
      rte_pktmbuf_free(out);
    }
  }
  return sent;
}

}  // namespace vswitch::test
