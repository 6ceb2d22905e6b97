#include "control/switch.h"

#include <rte_ethdev.h>
#include <rte_lcore.h>

#include <algorithm>

#include "dpdk/affinity.h"
#include "worker/assignment.h"

namespace vswitch {

Result<std::unique_ptr<Switch>> Switch::start(const SwitchOptions& options) {
  if (options.worker_lcores.size() > kMaxWorkers) {
    return error(ErrorCode::INVALID_ARGUMENT, "at most " + std::to_string(kMaxWorkers) + " workers");
  }
  auto eal = Eal::start(options.eal_arguments);
  if (!eal.ok()) return eal.error();
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (const uint32_t lcore : options.worker_lcores) {
    const cpu_set_t own = rte_lcore_cpuset(lcore);
    CPU_OR(&cores, &cores, &own);
  }
  keep_off(cores);
  auto rcu = Rcu::make(std::max<uint32_t>(1, static_cast<uint32_t>(options.worker_lcores.size())));
  if (!rcu.ok()) return rcu.error();
  auto pool = make_mempool("packets", options.mbufs, options.mbuf_data_bytes);
  if (!pool.ok()) return pool.error();
  std::unique_ptr<Switch> self(new Switch(std::move(eal.value()), std::move(rcu.value()), std::move(pool.value()), options));
  if (Status failure = self->launch(options)) return *failure;
  return self;
}

Switch::Switch(Eal eal, Rcu rcu, Mempool pool, const SwitchOptions& options)
    : eal_(std::move(eal)),
      rcu_(std::move(rcu)),
      pool_(std::move(pool)),
      capacity_(options.capacity),
      rules_(options.capacity, options.masks_per_table, links_, options.table_bytes),
      published_(options.shares) {}

Status Switch::launch(const SwitchOptions& options) {
  if (options.conntrack.entries != 0) {
    CtOptions connections = options.conntrack;
    connections.workers = std::max<uint32_t>(1, static_cast<uint32_t>(options.worker_lcores.size()));  // probes need one
    connections.cycles_per_second = cycles_per_second();
    auto made = Conntrack::make(connections, rcu_);
    if (!made.ok()) return made.error();
    conntrack_ = std::move(made.value());
  }
  for (const uint32_t lcore : options.worker_lcores) {
    const auto index = static_cast<uint32_t>(workers_.size());
    workers_.push_back(std::make_unique<Worker>(index, lcore, options.capacity, options.max_sleep_us, published_, rcu_,
                                                pool_.get(), conntrack_ ? &conntrack_->worker(index) : nullptr));
  }
  publish();
  for (const auto& worker : workers_) {
    if (!worker->launch())
      return error(ErrorCode::EAL_FAILED,
                   "worker " + std::to_string(launched_) + " does not start: its core is not an lcore of its own");
    ++launched_;
  }
  return {};
}

Switch::~Switch() {
  published_.stop.store(true, std::memory_order_relaxed);
  for (uint32_t i = 0; i < launched_; ++i) workers_[i]->join();
}

Result<PortInfo> Switch::open_port(PortSpec spec) {
  if (spec.number < 1 || spec.number > kMaxPort || spec.slot > kMaxTenant)
    return error(ErrorCode::INVALID_ARGUMENT, "port number or slot out of range");
  if (ports_.has(spec.number)) return error(ErrorCode::PORT_EXISTS, "port number " + std::to_string(spec.number) + " is open");
  spec.tx_queues = static_cast<uint16_t>(std::max<size_t>(1, workers_.size()));
  auto port = Port::open(spec, pool_.get());
  if (!port.ok()) return port.error();
  const PortInfo info = ports_.add(std::move(port.value())).info();
  publish();
  return info;
}

Status Switch::close_port(PortNumber number) {
  if (!ports_.has(number)) return error(ErrorCode::PORT_NOT_FOUND, "port number " + std::to_string(number) + " is not open");
  const Port closing = ports_.take(number);
  publish();
  return {};
}

Result<PortState> Switch::port_state(PortNumber number) const {
  const Port* port = ports_.find(number);
  if (port == nullptr) return error(ErrorCode::PORT_NOT_FOUND, "port number " + std::to_string(number) + " is not open");
  return port->state();
}

Result<Generation> Switch::apply(Transaction transaction, uint32_t generations) {
  auto staged = rules_.stage(std::move(transaction));
  if (!staged.ok()) return staged.error();
  rules_.commit(std::move(staged.value()));
  publish(generations);
  rules_.settle();
  return program_->generation;
}

Result<int> Switch::open_punt(const PuntOptions& options) {
  if (options.slot == kUplinkSlot || options.slot > kMaxTenant) return error(ErrorCode::INVALID_ARGUMENT, "slot out of range");
  if (punt_[options.slot] != nullptr)
    return error(ErrorCode::INVALID_ARGUMENT, "slot " + std::to_string(options.slot) + " has plugins already");
  int plugins = -1;
  auto channel = PuntChannel::open(options, std::max<uint32_t>(1, static_cast<uint32_t>(workers_.size())), plugins);
  if (!channel.ok()) return channel.error();
  punt_[options.slot] = std::move(channel.value());
  if (!courier_) courier_ = std::make_unique<Courier>();
  courier_->add(*punt_[options.slot]);
  publish();
  return plugins;
}

Status Switch::close_punt(TenantSlot slot) {
  if (slot > kMaxTenant || punt_[slot] == nullptr)
    return error(ErrorCode::INVALID_ARGUMENT, "slot " + std::to_string(slot) + " has no plugins");
  const auto closing = std::move(punt_[slot]);
  publish();
  courier_->remove(*closing);
  const auto is_none = [](const auto& channel) { return channel == nullptr; };
  if (std::all_of(punt_.begin(), punt_.end(), is_none)) courier_.reset();
  return {};
}

void Switch::publish(uint32_t generations) {
  auto next = std::make_unique<Program>();
  next->generation = program_ ? program_->generation + generations : 0;
  next->steering = rules_.steering();
  next->slots = rules_.tables();
  next->targets = rules_.targets();
  next->programs = rules_.programs();
  next->groups = rules_.groups();
  next->meters = rules_.meters();
  for (const auto& channel : punt_) {
    if (channel == nullptr) continue;
    next->punt[channel->slot()] = &channel->lanes();
    next->punting |= slot_bit(channel->slot());
  }
  std::vector<PortQueues> queues;
  for (const auto& [number, port] : ports_) {
    next->ports[number].slot = port.spec().slot;
    next->egress[number] = port.egress();
    next->gateways[number] = port.gateways();
    FloodPorts& flood = next->flood[port.spec().slot];
    flood.port[flood.count++] = static_cast<uint8_t>(number);
    queues.push_back({number, port.device(), port.spec().rx_queues});
  }
  refresh_links();
  next->plan_parsers();
  if (!workers_.empty()) {
    const auto assigned = assign_queues(queues, static_cast<uint32_t>(workers_.size()));
    std::copy(assigned.begin(), assigned.end(), next->rx.begin());
  }

  published_.program.store(next.get(), std::memory_order_release);
  rcu_.synchronize();
  program_ = std::move(next);  // frees the program before
}

void Switch::read_counters(std::span<uint64_t> out) const noexcept {
  for (size_t i = 0; i < workers_.size(); ++i) {
    snapshot(workers_[i]->counters(), out.subspan(i * kSnapshotWords).first<kSnapshotWords>());
  }
}

namespace {

// Hits of what has this number, summed over the workers.
template <typename Hits>
std::pair<uint64_t, uint64_t> sum_hits(const std::vector<std::unique_ptr<Worker>>& workers, Hits hits) {
  std::pair<uint64_t, uint64_t> sum;
  for (const auto& worker : workers) {
    const HitCounters* const counters = hits(worker->counters());
    if (counters == nullptr) continue;
    sum.first += counters->packets.read();
    sum.second += counters->bytes.read();
  }
  return sum;
}

// What holds counters only, in their order, summed over the workers.
template <typename Group, typename Choose>
std::array<uint64_t, sizeof(Group) / sizeof(Counter)> sum_counters(const std::vector<std::unique_ptr<Worker>>& workers,
                                                                   Choose choose) {
  std::array<uint64_t, sizeof(Group) / sizeof(Counter)> sum = {};
  for (const auto& worker : workers) {
    const auto* const counters = reinterpret_cast<const Counter*>(choose(worker->counters()));
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += counters[i].read();
  }
  return sum;
}

}  // namespace

std::pair<uint64_t, uint64_t> Switch::read_rule_counters(RuleId id) const noexcept {
  return sum_hits(workers_, [id](const Counters& all) { return id < all.capacity.rules ? &all.rules[id] : nullptr; });
}

std::pair<uint64_t, uint64_t> Switch::read_group_counters(uint32_t number) const noexcept {
  return sum_hits(workers_,
                  [number](const Counters& all) { return number < all.capacity.groups ? &all.groups[number] : nullptr; });
}

std::array<uint64_t, kMeterCounters> Switch::read_meter_counters(uint32_t number) const noexcept {
  if (number >= capacity_.meters) return {};
  return sum_counters<MeterCounters>(workers_, [number](const Counters& all) { return &all.meters[number]; });
}

std::array<uint64_t, kPuntCounters> Switch::read_punt_counters(TenantSlot slot) const noexcept {
  if (slot > kMaxTenant) return {};
  return sum_counters<PuntCounters>(workers_, [slot](const Counters& all) { return &all.punt[slot]; });
}

void Switch::read_table_counters(std::span<uint64_t, kTableWords> out) const noexcept {
  std::fill(out.begin(), out.end(), 0);
  for (const auto& worker : workers_) {
    size_t at = 0;
    for (const auto& slot : worker->counters().tables) {
      for (const TableCounters& table : slot) {
#define X(name) out[at++] += table.name.read();
        VSWITCH_TABLE_COUNTERS(X)
#undef X
      }
    }
  }
}

Result<std::vector<ProbeResult>> Switch::probe(const std::vector<ProbePacket>& packets, bool is_trial) {
  if (!prober_) prober_ = std::make_unique<Prober>(capacity_, conntrack_ ? &conntrack_->prober() : nullptr);
  std::vector<ProbeResult> results;
  results.reserve(packets.size());
  for (const ProbePacket& packet : packets) {
    auto result = prober_->run(*program_, pool_.get(), packet, is_trial);
    if (!result.ok()) return result.error();
    results.push_back(std::move(result.value()));
  }
  return results;
}

std::vector<ParsedHeader> Switch::parser_plan() const {
  std::vector<ParsedHeader> headers;
  for (PortNumber port = 1; port < kPorts; ++port) {
    const PortEntry& entry = program_->ports[port];
    for (HeaderSet left = entry.plan.headers; left != 0; left &= left - 1) {
      const auto header = static_cast<uint32_t>(__builtin_ctz(left));
      headers.push_back({port, header, entry.because[header]});
    }
  }
  return headers;
}

std::vector<TableReport> Switch::table_reports() const {
  std::vector<TableReport> reports;
  for (TenantSlot slot = 0; slot < kSlots; ++slot) {
    for (uint8_t number = 0; number < kMaxTables; ++number) {
      const auto& flows = (*program_->slots[slot])[number];
      if (!flows) continue;
      const Table& table = flows->table;
      TableReport report{slot, number, table.kind(), table.memory_bytes(), table.worst_case_probes(), {}};
      for (const Table::Part& part : table.parts()) report.parts.push_back({part.kind(), part.memory_bytes(), part.max_probes()});
      reports.push_back(std::move(report));
    }
  }
  return reports;
}

void Switch::refresh_links() noexcept {
  for (PortNumber number = 1; number < kPorts; ++number) {
    const Port* const port = ports_.find(number);
    links_[number].store(port != nullptr && port->link_up(), std::memory_order_relaxed);
  }
}

}  // namespace vswitch
