#include "control/switch.h"

#include <rte_ethdev.h>

#include <algorithm>

#include "worker/assignment.h"

namespace vswitch {

Result<std::unique_ptr<Switch>> Switch::start(const SwitchOptions& options) {
  if (options.worker_lcores.empty() || options.worker_lcores.size() > kMaxWorkers) {
    return error(ErrorCode::INVALID_ARGUMENT, "1 to " + std::to_string(kMaxWorkers) + " workers");
  }
  auto eal = Eal::start(options.eal_arguments);
  if (!eal.ok()) return eal.error();
  auto rcu = Rcu::make(static_cast<uint32_t>(options.worker_lcores.size()));
  if (!rcu.ok()) return rcu.error();
  auto pool = make_mempool("packets", options.mbufs, options.mbuf_data_bytes);
  if (!pool.ok()) return pool.error();
  std::unique_ptr<Switch> self(new Switch(std::move(eal.value()), std::move(rcu.value()), std::move(pool.value()), options));
  if (Status failure = self->launch()) return *failure;
  return self;
}

Switch::Switch(Eal eal, Rcu rcu, Mempool pool, const SwitchOptions& options)
    : eal_(std::move(eal)), rcu_(std::move(rcu)), pool_(std::move(pool)), rules_(options.max_rules, options.masks_per_table) {
  for (const uint32_t lcore : options.worker_lcores) {
    workers_.push_back(std::make_unique<Worker>(static_cast<uint32_t>(workers_.size()), lcore, options.max_rules,
                                                options.max_sleep_us, published_, rcu_));
  }
  publish();
}

Status Switch::launch() {
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
  spec.tx_queues = static_cast<uint16_t>(workers_.size());
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

Result<Generation> Switch::apply(Transaction transaction) {
  auto staged = rules_.stage(std::move(transaction));
  if (!staged.ok()) return staged.error();
  rules_.commit(std::move(staged.value()));
  publish();
  return program_->generation;
}

void Switch::publish() {
  auto next = std::make_unique<Program>();
  next->generation = program_ ? program_->generation + 1 : 0;
  next->steering = rules_.steering();
  next->slots = rules_.tables();
  std::vector<PortQueues> queues;
  for (const auto& [number, port] : ports_) {
    next->ports[number].slot = port.spec().slot;
    next->egress[number] = {port.device(), true};
    queues.push_back({number, port.device(), port.spec().rx_queues});
  }
  next->plan_parsers();
  const auto assigned = assign_queues(queues, static_cast<uint32_t>(workers_.size()));
  std::copy(assigned.begin(), assigned.end(), next->rx.begin());

  published_.program.store(next.get(), std::memory_order_release);
  rcu_.synchronize();
  program_ = std::move(next);  // frees the program before
}

void Switch::read_counters(std::span<uint64_t> out) const noexcept {
  for (size_t i = 0; i < workers_.size(); ++i) {
    snapshot(workers_[i]->counters(), out.subspan(i * kSnapshotWords).first<kSnapshotWords>());
  }
}

std::pair<uint64_t, uint64_t> Switch::read_rule_counters(RuleId id) const noexcept {
  std::pair<uint64_t, uint64_t> sum;
  for (const auto& worker : workers_) {
    const Counters& counters = worker->counters();
    if (id >= counters.rule_count) continue;
    sum.first += counters.rules[id].packets.read();
    sum.second += counters.rules[id].bytes.read();
  }
  return sum;
}

}  // namespace vswitch
