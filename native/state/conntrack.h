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

#include "base/ids.h"
#include "base/limits.h"
#include "base/status.h"
#include "dpdk/clock.h"
#include "dpdk/rcu.h"
#include "packet/ct_packet.h"
#include "state/ct_limits.h"
#include "state/ct_list.h"
#include "state/ct_nat.h"

namespace vswitch {

// Bits of ct_state.
enum CtStateBit : uint8_t {
  kCtNew = 0x01,
  kCtEstablished = 0x02,
  kCtRelated = 0x04,
  kCtReply = 0x08,
  kCtInvalid = 0x10,
  kCtTracked = 0x20,
  kCtSourceNat = 0x40,
  kCtDestinationNat = 0x80,
};

struct CtRequest {
  uint16_t zone = 0;
  bool commit = false;
  bool nat = false;
  uint32_t mark = 0, mark_mask = 0;
  uint8_t label[16] = {}, label_mask[16] = {};  // network byte order
  CtNat range;                                  // kind none: only what the connection has
};

// What is not ok is a packet to drop, under the reason of the same name.
enum class CtVerdict : uint8_t { ok, table_full, tenant_full, zone_full, rate_exceeded, nat_exhausted, fragment };

struct CtResult {
  CtVerdict verdict;
  uint8_t state;  // CtStateBit
  bool translate;
  uint32_t mark;
  CtTuple to;  // where translate: what the packet's endpoints become (an error's: the inner ones, turned like CtPacket::tuple)
};

class ConntrackWorker;
struct CtShared;

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

// One thread's side.
class ConntrackWorker {
 public:
  // Up to kBurst packets of one tenant with one request, as if one after the other. A trial changes nothing and counts nothing.
  void track(TenantSlot slot, const CtRequest& request, const CtPacket* packets, uint32_t count, Cycles now, bool is_trial,
             CtResult* results) noexcept;
  // A bounded slice of the expiry sweep; once per poll round. All are swept about once a second.
  void sweep(Cycles now) noexcept;
};

}  // namespace vswitch
