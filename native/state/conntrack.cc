#include "state/conntrack.h"

#include <algorithm>
#include <cstring>

#include "state/ct_shared.h"
#include "state/ct_snapshot.h"

namespace vswitch {
namespace {

bool same_address(const CtFilter& filter, const CtTuple& tuple) {
  const size_t bytes = filter.address_family == 4 ? 4 : 16;
  return tuple.family == filter.address_family &&
         (memcmp(tuple.src, filter.address, bytes) == 0 || memcmp(tuple.dst, filter.address, bytes) == 0);
}

bool same_port(uint16_t port, const CtTuple& tuple) {
  const auto wire = static_cast<uint16_t>(port << 8 | port >> 8);
  return tuple.src_port == wire || tuple.dst_port == wire;
}

bool matches(const CtFilter& filter, const CtConnection& connection) {
  const CtTuple& tuple = connection.original;
  return (!filter.slot || *filter.slot == connection.slot) && (!filter.zone || *filter.zone == connection.zone) &&
         (!filter.proto || *filter.proto == tuple.proto) && (!filter.family || *filter.family == tuple.family) &&
         (!filter.port || same_port(*filter.port, tuple) || same_port(*filter.port, connection.reply)) &&
         (!filter.has_address || same_address(filter, tuple) || same_address(filter, connection.reply));
}

}  // namespace

Conntrack::Conntrack(std::unique_ptr<CtShared> shared) : shared_(std::move(shared)) {}
Conntrack::~Conntrack() = default;

Result<std::unique_ptr<Conntrack>> Conntrack::make(const CtOptions& options, Rcu& rcu) {
  const auto refuse = [](const char* why) { return error(ErrorCode::INVALID_ARGUMENT, why); };
  if (options.entries == 0 || options.entries > kMaxCtEntries) return refuse("conntrack: entries out of range");
  if (options.workers == 0 || options.workers > kMaxWorkers) return refuse("conntrack: workers out of range");
  if (options.cycles_per_second < 1000) return refuse("conntrack: the clock is too slow");
  for (const uint32_t ms : options.timeouts_ms) {
    if (ms == 0 || ms > kMaxCtTimeoutMs) return refuse("conntrack: a time-out is out of range");
  }
  for (const CtLimit& limit : options.limits) {
    if (limit.new_per_second > options.cycles_per_second) return refuse("conntrack: a rate is out of range");
    if (limit.half_open > kMaxCtEntries) return refuse("conntrack: a limit is out of range");
  }
  return std::unique_ptr<Conntrack>(new Conntrack(std::make_unique<CtShared>(options, rcu)));
}

ConntrackWorker& Conntrack::worker(uint32_t index) noexcept { return *shared_->workers[index]; }
ConntrackWorker& Conntrack::prober() noexcept { return *shared_->workers.back(); }

CtPage Conntrack::list(const CtFilter& filter, uint32_t limit, uint32_t cursor, Cycles now) const {
  CtPage page;
  const uint32_t tick = shared_->tick(now);
  for (uint32_t record = cursor; record < shared_->count; ++record) {
    if (page.connections.size() == limit) {
      page.cursor = record;
      break;
    }
    CtConnection connection;
    if (read_connection(*shared_, record, tick, connection) && matches(filter, connection)) {
      page.connections.push_back(connection);
    }
  }
  return page;
}

uint32_t Conntrack::count(const CtFilter& filter, Cycles now) const {
  uint32_t found = 0;
  const uint32_t tick = shared_->tick(now);
  for (uint32_t record = 0; record < shared_->count; ++record) {
    CtConnection connection;
    found += read_connection(*shared_, record, tick, connection) && matches(filter, connection);
  }
  return found;
}

std::vector<CtStateCounts> Conntrack::count_states(Cycles now) const {
  std::vector<CtStateCounts> counts(kSlots);
  const uint32_t tick = shared_->tick(now);
  for (uint32_t record = 0; record < shared_->count; ++record) {
    const CtRecord& hot = shared_->records.hot[record];
    const uint64_t word = hot.word.load(std::memory_order_acquire);
    if (ct_life(word) != CtLife::live || is_due(hot.expiry.load(std::memory_order_relaxed), tick)) continue;
    CtStateCounts& of_slot = counts[ct_slot(hot.key[0][1].load(std::memory_order_relaxed))];
    ++((word & kCtIsMapping) != 0 ? of_slot.mappings : of_slot.states[static_cast<uint32_t>(ct_state_of(word))]);
  }
  return counts;
}

uint32_t Conntrack::flush(const CtFilter& filter, Cycles now) {
  uint32_t flushed = 0;
  const uint32_t tick = shared_->tick(now);
  ConntrackWorker& self = prober();
  for (uint32_t record = 0; record < shared_->count; ++record) {
    CtConnection connection;
    if (!read_connection(*shared_, record, tick, connection) || !matches(filter, connection)) continue;
    flushed += self.remove(record, 0, CtCounter::flushed);
  }
  // A mapping that nobody uses any more would hold on to its entry, and to what its connections had.
  for (uint32_t record = 0; record < shared_->count; ++record) {
    CtConnection mapping;
    if (read_mapping(*shared_, record, tick, mapping) && matches(filter, mapping)) {
      self.remove_mapping(record, CtCounter::flushed);
    }
  }
  shared_->rcu.synchronize();
  self.recycler_.drain();
  return flushed;
}

void Conntrack::set_zone_limit(TenantSlot slot, uint16_t zone, uint32_t entries, uint32_t new_per_second) {
  if (slot >= kSlots) return;
  CtZone& limit = shared_->caps.zones[CtCaps::zone_at(slot, zone)];
  limit.max_entries.store(entries, std::memory_order_relaxed);
  const auto most = static_cast<uint32_t>(std::min<Cycles>(shared_->options.cycles_per_second, UINT32_MAX));
  limit.new_per_second.store(std::min(new_per_second, most), std::memory_order_relaxed);
}

void Conntrack::read_counters(std::span<uint64_t, size_t{kSlots} * kCtCounters> out) const {
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    for (uint32_t counter = 0; counter < kCtCounters; ++counter) {
      uint64_t sum = 0;
      for (const auto& worker : shared_->workers) sum += worker->counters_[slot][counter].load(std::memory_order_relaxed);
      out[slot * kCtCounters + counter] = sum;
    }
    const CtTenant& tenant = shared_->caps.tenants[slot];
    uint64_t* const gauge = &out[slot * kCtCounters];
    gauge[static_cast<uint32_t>(CtCounter::entries)] = tenant.entries.load(std::memory_order_relaxed);
    gauge[static_cast<uint32_t>(CtCounter::half_open)] = tenant.half_open.load(std::memory_order_relaxed);
  }
}

CtUsage Conntrack::usage() const {
  return {shared_->caps.entries.load(std::memory_order_relaxed), shared_->options.entries, shared_->memory_bytes()};
}

std::vector<uint8_t> Conntrack::snapshot(Cycles now) const { return write_snapshot(*shared_, shared_->tick(now)); }

Result<CtRestored> Conntrack::restore(std::span<const uint8_t> bytes, Cycles now) { return read_snapshot(*shared_, bytes, now); }

}  // namespace vswitch
