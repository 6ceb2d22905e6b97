// Connection tracking with the meaning of Open vSwitch's ct() (ovs-actions(7), ovs-fields(7)): what a packet is to its
// connection, and what its addresses become. Memory is fixed at start. A connection is known by tenant, zone, protocol and
// endpoints; those of one tenant are never seen, counted or evicted for another.
//
// All workers share one table, since NAT and RSS bring the directions of a connection to different workers. Look-ups and changes
// take no lock (state/ct_index.h); a removed connection is reused when every worker has been quiescent since (dpdk/rcu.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/status.h"
#include "dpdk/clock.h"
#include "dpdk/rcu.h"
#include "state/ct_limits.h"
#include "state/ct_list.h"
#include "state/ct_request.h"
#include "state/ct_worker.h"

namespace vswitch {

// The control thread's side. Its verbs may run while workers track.
class Conntrack {
 public:
  // rcu's readers are the workers that track.
  static Result<std::unique_ptr<Conntrack>> make(const CtOptions& options, Rcu& rcu);
  ~Conntrack();

  // index < options.workers: of that worker's thread alone.
  [[nodiscard]] ConntrackWorker& worker(uint32_t index) noexcept;
  // The control thread's own, for trials.
  [[nodiscard]] ConntrackWorker& prober() noexcept;

  // From a cursor (at first 0) on, at most limit.
  [[nodiscard]] CtPage list(const CtFilter& filter, uint32_t limit, uint32_t cursor, Cycles now) const;
  [[nodiscard]] uint32_t count(const CtFilter& filter, Cycles now) const;
  // By slot.
  [[nodiscard]] std::vector<CtStateCounts> count_states(Cycles now) const;
  // Those that were flushed.
  uint32_t flush(const CtFilter& filter, Cycles now);
  // All that can go on elsewhere; versioned, with a checksum (state/ct_snapshot.h).
  [[nodiscard]] std::vector<uint8_t> snapshot(Cycles now) const;
  // Adds what can be added; nothing of the bytes is trusted. Fails where they are no snapshot or are damaged.
  Result<CtRestored> restore(std::span<const uint8_t> bytes, Cycles now);
  // Of a zone of a tenant; 0: none. Those that are over it stay.
  void set_zone_limit(TenantSlot slot, uint16_t zone, uint32_t entries, uint32_t new_per_second);

  // Summed over workers: out[slot * kCtCounters + counter].
  void read_counters(std::span<uint64_t, size_t{kSlots} * kCtCounters> out) const;
  [[nodiscard]] CtUsage usage() const;

 private:
  explicit Conntrack(std::unique_ptr<CtShared> shared);
  std::unique_ptr<CtShared> shared_;
};

}  // namespace vswitch
