// A pipeline with real DPDK devices to send to: net_ring gives back what it was sent.
#pragma once

#include <rte_mbuf.h>

#include <functional>
#include <memory>
#include <vector>

#include "control/rule_store.h"
#include "dpdk/mempool.h"
#include "pipeline/pipeline.h"
#include "port/port.h"
#include "punt/lane.h"
#include "state/conntrack.h"
#include "support/hex.h"

namespace vswitch::test {

struct Sent {
  PortNumber port;
  std::string packet;

  friend bool operator==(const Sent&, const Sent&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Sent& sent) { return out << sent.port << ":" << sent.packet; }
};

// Ports 1 to 4. Port 1 is the uplink, 2 and 3 are of slot 1, 4 is of slot 2.
class Bench {
 public:
  static constexpr Capacity kCapacity{256, 64, 64};

  Bench();

  // Replaces all rules.
  Status install(std::vector<Rule> rules, std::vector<Rule> steering = {});
  // Changes what is installed.
  Status apply(Transaction transaction);
  void set_link(PortNumber port, bool up) { links_[port].store(up, std::memory_order_relaxed); }
  // Runs the packets as one burst from a port; what each port sent, in the order of ports.
  std::vector<Sent> run(PortNumber in_port, const std::vector<Bytes>& packets);

  // Keeps connections from now on, none at first.
  void track(CtOptions options = {.entries = 256});
  Conntrack& conntrack() const { return *conntrack_; }
  // Whether packets are only imagined.
  bool is_trial = false;

  // Punted packets of slot 1 are listened to from now on.
  void listen(size_t ring_bytes = 1 << 16, const PuntRate& rate = {});
  PuntLanes& lanes() { return *lanes_; }
  // The records that were punted since the last call.
  std::vector<std::pair<PuntRecord, Bytes>> punted();
  // Gives back a packet of slot 1's plugins, and runs it; what was sent.
  std::vector<Sent> give_back(const PuntRecord& record, const Bytes& frame);

  // Told when a burst begins and when it has ended.
  std::function<void(bool begins)> around = [](bool) {};

  // Since the bench was made.
  uint64_t drops(TenantSlot slot, DropReason reason) const {
    return counters_->tenants[slot].drops[static_cast<uint32_t>(reason)].read();
  }
  const Counters& counters() const { return *counters_; }
  const Program& program() const { return program_; }
  uint32_t buffers_in_use() const { return rte_mempool_in_use_count(pool_.get()); }

 private:
  PipelineContext context();
  std::vector<Sent> sent();

  Mempool pool_;
  Result<Rcu> rcu_ = Rcu::make(1);
  std::unique_ptr<Conntrack> conntrack_;
  std::vector<Port> ports_;
  std::unique_ptr<RuleStore> rules_;
  Program program_;
  std::unique_ptr<Counters> counters_;
  std::unique_ptr<TxBuffer> tx_;
  LinkStates links_ = {};
  std::unique_ptr<PuntLanes> lanes_;
  CycleMeter meter_;
  Random random_{1};
  PipelineScratch scratch_;
};

}  // namespace vswitch::test
