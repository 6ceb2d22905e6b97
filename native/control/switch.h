// The switch as a whole, for the control thread, which alone may call it; reading counters is for anybody.
//
// Every change goes the same way: build the next program from the ports and the rules, publish its pointer, wait until every
// worker has let go of the one before, free that. Members are declared so that destruction is the right order of shutting down:
// workers, program, ports, pool, connections, RCU, EAL.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "control/courier.h"
#include "control/probe.h"
#include "control/punt_channel.h"
#include "control/rule_store.h"
#include "dpdk/eal.h"
#include "dpdk/mempool.h"
#include "dpdk/rcu.h"
#include "meter/snapshot.h"
#include "port/port_set.h"
#include "state/conntrack.h"
#include "worker/worker.h"

namespace vswitch {

struct SwitchOptions {
  std::vector<std::string> eal_arguments;
  std::vector<uint32_t> worker_lcores;
  uint32_t max_sleep_us = 0;
  uint32_t mbufs = 0;
  uint16_t mbuf_data_bytes = 0;
  Capacity capacity;
  uint32_t masks_per_table = 0;
  size_t table_bytes = 0;  // at most, of each
  CtOptions conntrack;     // without entries there is no connection tracking
  CycleShares shares;
};

// A header that is read of a port's packets.
struct ParsedHeader {
  PortNumber port;
  uint32_t header;  // bit of HeaderSet
  RuleId rule;      // the first that needs it; kNoRule: steering
};

// What a flow table was compiled to.
struct TableReport {
  struct Part {
    Template kind;
    size_t memory_bytes;
    uint32_t max_probes;  // cells, slots and rules that a look-up compares at most
  };
  TenantSlot slot;
  uint8_t table;
  Template kind;
  size_t memory_bytes;  // without the programs and counters of its rules
  uint32_t max_probes;
  std::vector<Part> parts;  // in the order in which they are looked up
};

class Switch {
 public:
  // Starts DPDK and the workers, which poll nothing yet. Once in a process. Without workers it forwards nothing, but can be
  // probed.
  static Result<std::unique_ptr<Switch>> start(const SwitchOptions& options);
  ~Switch();
  Switch(const Switch&) = delete;
  Switch& operator=(const Switch&) = delete;

  Result<PortInfo> open_port(PortSpec spec);
  // Returns when no worker can touch the port any more and its device is closed.
  Status close_port(PortNumber number);
  [[nodiscard]] Result<PortState> port_state(PortNumber number) const;

  // Applies the whole transaction or nothing; returns when every worker works by it. It counts as so many generations: as many
  // as it was joined of (control/join.h).
  Result<Generation> apply(Transaction transaction, uint32_t generations = 1);

  // Runs packets one after the other through the program that is published; what comes of them is neither sent nor counted.
  // A trial leaves meters and connections as they were; without it the packets take their tokens.
  Result<std::vector<ProbeResult>> probe(const std::vector<ProbePacket>& packets, bool is_trial);
  // What the parser reads of each open port's packets.
  [[nodiscard]] std::vector<ParsedHeader> parser_plan() const;

  // Of the tables that hold rules, by slot, then number.
  [[nodiscard]] std::vector<TableReport> table_reports() const;

  // Opens the way to a tenant's plugins, which have the socket that is returned: what is punted comes out of it, as records
  // (punt/record.h), and what they write goes in. One a tenant.
  Result<int> open_punt(const PuntOptions& options);
  // Returns when no packet of the tenant is on that way any more.
  Status close_punt(TenantSlot slot);

  // What each tenant may have of a worker from its next epoch on.
  void set_shares(const CycleShares& shares) noexcept { published_.shares.set(shares); }

  // Looks at the ports' links, for groups that watch them.
  void refresh_links() noexcept;

  [[nodiscard]] bool has_hugepages() const { return eal_.has_hugepages(); }

  // Null where there is no connection tracking.
  [[nodiscard]] Conntrack* conntrack() const noexcept { return conntrack_.get(); }

  // By any thread. `out` has kSnapshotWords for each worker.
  [[nodiscard]] size_t counter_words() const { return workers_.size() * kSnapshotWords; }
  void read_counters(std::span<uint64_t> out) const noexcept;
  // Packets and bytes; zeros where there is no such rule.
  [[nodiscard]] std::pair<uint64_t, uint64_t> read_rule_counters(RuleId id) const noexcept;
  [[nodiscard]] std::pair<uint64_t, uint64_t> read_group_counters(uint32_t number) const noexcept;
  // In the order of VSWITCH_METER_COUNTERS.
  [[nodiscard]] std::array<uint64_t, kMeterCounters> read_meter_counters(uint32_t number) const noexcept;
  // In the order of VSWITCH_TABLE_COUNTERS, by slot, then table.
  static constexpr size_t kTableWords = kSlots * kMaxTables * kTableCounters;
  void read_table_counters(std::span<uint64_t, kTableWords> out) const noexcept;
  // In the order of VSWITCH_PUNT_COUNTERS.
  [[nodiscard]] std::array<uint64_t, kPuntCounters> read_punt_counters(TenantSlot slot) const noexcept;

 private:
  Switch(Eal eal, Rcu rcu, Mempool pool, const SwitchOptions& options);
  Status launch(const SwitchOptions& options);
  // Makes ports and rules what workers work by; returns after the grace period.
  void publish(uint32_t generations = 1);

  Eal eal_;
  Rcu rcu_;
  std::unique_ptr<Conntrack> conntrack_;
  Mempool pool_;
  PortSet ports_;
  const Capacity capacity_;
  LinkStates links_ = {};
  RuleStore rules_;
  std::array<std::unique_ptr<PuntChannel>, kSlots> punt_;  // by slot; null: the tenant has no plugins
  std::unique_ptr<Courier> courier_;                       // as long as there is one
  std::unique_ptr<Prober> prober_;                         // made by the first probe
  std::unique_ptr<const Program> program_;                 // what is published
  Published published_;
  std::vector<std::unique_ptr<Worker>> workers_;
  uint32_t launched_ = 0;
};

}  // namespace vswitch
