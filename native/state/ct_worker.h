// Tracks packets, by one thread. The way of a packet: ct_worker.cc; of a new connection: ct_create.cc; of one that ends:
// ct_sweep.cc.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/random.h"
#include "dpdk/clock.h"
#include "packet/ct_packet.h"
#include "state/ct_half_open.h"
#include "state/ct_index.h"
#include "state/ct_limits.h"
#include "state/ct_pool.h"
#include "state/ct_request.h"
#include "state/ct_translate.h"

namespace vswitch {

struct CtShared;

class ConntrackWorker {
 public:
  ConntrackWorker(CtShared& shared, uint32_t index, uint32_t first, uint32_t last);

  // Up to kBurst packets of one tenant with one request, as if one after the other. A trial changes nothing and counts nothing.
  void track(TenantSlot slot, const CtRequest& request, const CtPacket* packets, uint32_t count, Cycles now, bool is_trial,
             CtResult* results) noexcept;
  // The same of packets that the request's zone has translated already, as `nat` (CtStateBit) says: each is of the connection
  // whose endpoints it has.
  void track_translated(TenantSlot slot, const CtRequest& request, const CtPacket* packets, uint32_t count, Cycles now,
                        bool is_trial, uint8_t nat, CtResult* results) noexcept;
  // A bounded slice of the expiry sweep; once per poll round. All are swept about once a second.
  // Whether there is more to do at once: who has time for it comes again.
  bool sweep(Cycles now) noexcept;

  [[nodiscard]] uint64_t memory_bytes() const noexcept {
    return sizeof *this + recycler_.memory_bytes() + half_open_.memory_bytes();
  }

 private:
  friend class Conntrack;
  friend class CtRestorer;

  // What the packets of a burst have in common.
  struct Context {
    TenantSlot slot;
    bool is_trial;
    uint32_t tick;
    Cycles now;
    const CtRequest& request;
  };

  void track_rest(const Context& context, const CtPacket& packet, const CtProbe& probe, CtResult& result) noexcept;
  void track_again(const Context& context, const CtPacket& packet, uint8_t nat, CtResult& result) noexcept;
  // As track_known(), also for errors and fragments.
  bool track_hit(const Context& context, const CtPacket& packet, CtIndex::Hit hit, CtResult& result) noexcept;
  void track_fragment(const Context& context, const CtPacket& packet, CtResult& result) noexcept;
  void track_error(const Context& context, const CtProbe& probe, CtIndex::Hit hit, CtResult& result) noexcept;
  void relate(const Context& context, CtIndex::Hit hit, CtResult& result) const noexcept;
  // false: the connection is over, and the packet belongs to none.
  bool track_known(const Context& context, const CtPacket& packet, CtIndex::Hit hit, CtResult& result) noexcept;
  bool advance(const Context& context, const CtPacket& packet, CtIndex::Hit hit, CtResult& result) noexcept;  // inline
  bool moves_on(const Context& context, const CtPacket& packet, CtIndex::Hit hit, uint64_t& word, CtResult& result) noexcept;
  void answer(const Context& context, CtIndex::Hit hit, uint64_t word, CtResult& result) const noexcept;
  void fill(const Context& context, CtIndex::Hit hit, uint64_t word, CtResult& result) const noexcept;  // inline
  // Sets mark and label; what the mark is then.
  uint32_t commit_again(const Context& context, uint32_t record) noexcept;
  void invalid(const Context& context, CtCounter cause, CtResult& result) noexcept;
  void remember_first(const Context& context, const CtPacket& packet) noexcept;
  // The live, not expired connection.
  CtIndex::Hit find(const Context& context, const CtProbe& probe) noexcept;
  CtIndex::Hit find_translated(const Context& context, const CtPacket& packet) noexcept;

  void prefetch_new(const Context& context, const CtProbe& probe, uint32_t nth) const noexcept;  // inline
  void create(const Context& context, const CtPacket& packet, const CtProbe& probe, CtResult& result) noexcept;
  void try_create(const Context& context, const CtProbe& probe, CtResult& result) noexcept;
  [[nodiscard]] CtVerdict admit(const Context& context) noexcept;
  [[nodiscard]] CtVerdict would_admit(const Context& context) const noexcept;
  void dismiss(const Context& context) noexcept;
  [[nodiscard]] uint32_t make(const Context& context, const CtPacket& packet, const CtProbe& probe) noexcept;
  // Finds what the packet becomes whose answers are nobody else's, and shows the record under them.
  CtIndex::Insert show(const Context& context, const CtProbe& probe, uint32_t record, CtTuple& to, bool& shown) noexcept;
  CtIndex::Insert show_mapped(const Context& context, const CtProbe& probe, uint32_t record, const CtNatSeed& seed, CtTuple& to,
                              bool& shown) noexcept;
  [[nodiscard]] CtProbe mapping_probe(const Context& context, const CtTuple& endpoint) const noexcept;
  bool see_mapping(const Context& context, const CtTuple& from, CtTuple& to, uint32_t& mapping) const noexcept;
  bool join_mapping(const Context& context, const CtTuple& from, CtTuple& to, uint32_t& mapping) noexcept;
  [[nodiscard]] bool is_outside_taken(const Context& context, const CtTuple& to) const noexcept;
  CtIndex::Insert make_mapping(const Context& context, const CtTuple& from, const CtTuple& to, uint32_t& mapping) noexcept;
  void leave_mapping(uint32_t record) noexcept;
  // Where nobody uses it.
  bool remove_mapping(uint32_t record, CtCounter why) noexcept;
  void expire_mapping(uint32_t record, uint32_t tick) noexcept;
  bool discard(uint32_t record, bool shown) noexcept;
  void refuse(const Context& context, CtVerdict verdict, CtResult& result) noexcept;

  // Where it is live and has the bits; one remover wins.
  bool remove(uint32_t record, uint64_t needed, CtCounter why) noexcept;
  bool expire(uint32_t record) noexcept;
  bool evict(TenantSlot slot) noexcept;
  void completed(uint32_t record, uint64_t before, uint64_t after) noexcept;
  void set_expiry(uint32_t record, uint32_t at, uint32_t old) noexcept;
  void look_at(uint32_t record, uint32_t tick) noexcept;

  VSWITCH_INLINE void count(TenantSlot slot, CtCounter counter) noexcept {
    auto& value = counters_[slot][static_cast<uint32_t>(counter)];
    value.store(value.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  CtShared& shared_;
  const uint32_t index_;
  CtRecycler recycler_;
  CtHalfOpenLists half_open_;
  Random random_;
  // The sweep: of records from first_ to last_, at cursor_; as of swept_.
  const uint32_t first_, last_;
  uint32_t cursor_;
  static constexpr uint32_t kSlicesPerSecond = 20'000;
  const Cycles slice_;  // a shorter one is not worth its divisions
  Cycles swept_ = 0;
  // Written by this thread, read by the control thread.
  alignas(kFalseSharing) std::array<std::array<std::atomic<uint64_t>, kCtCounters>, kSlots> counters_{};
};

}  // namespace vswitch
