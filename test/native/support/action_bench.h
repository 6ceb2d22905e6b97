// Runs actions on a packet without tables: each by its own file's functions, with the headers read that the actions ask for, no
// more.
#pragma once

#include <rte_mbuf.h>

#include <memory>
#include <optional>
#include <vector>

#include "action/action.h"
#include "action/reply_limiter.h"
#include "dpdk/mempool.h"
#include "meter/cycle_meter.h"
#include "support/hex.h"

namespace vswitch::test {

// An action that was compiled.
struct Step {
  HeaderSet headers = 0;
  std::vector<Op> ops;
  void (*apply)(const ActionContext& context, const Op& op, Selection& packets) = nullptr;
};

template <typename T>
Step step(const Action& action) {
  Step step;
  step.headers = T::headers(action);
  T::append(action, step.ops);
  step.apply = [](const ActionContext& context, const Op& op, Selection& packets) { T::apply(context, op, packets); };
  return step;
}

// Does nothing, but has everything read.
inline Step read_all() {
  Step step;
  step.headers = kEthernetAddresses | kEtherType | kVlan | kArp | kIpv4 | kIpv6 | kTransport | kNeighbour;
  step.ops.emplace_back();
  step.apply = [](const ActionContext&, const Op&, Selection&) {};
  return step;
}

struct Outcome {
  std::optional<DropReason> drop;
  Bytes packet;  // where it was not dropped
  FlowKey key{};
  // What the layers are after the actions, and what they are when the packet is read anew.
  Layers layers{};
  Layers fresh{};
};

// How a packet is laid out in buffers.
struct Layout {
  std::vector<size_t> segments;  // lengths of all but the last
  uint16_t headroom = RTE_PKTMBUF_HEADROOM;
};

class ActionBench {
 public:
  ActionBench();
  ~ActionBench();

  Outcome run(const std::vector<Step>& steps, const Bytes& packet, const Layout& layout = {});

  // Port 1 is where packets come from, and closed where it has no gateways; port 2 is open, port 3 is gone.
  static constexpr PortNumber kOpen = 2;
  static constexpr PortNumber kGone = 3;
  Gateways gateways;
  static constexpr uint32_t kMtu = 9000 - 14;
  uint32_t mtu = kMtu;  // of the open ports
  // What was staged for the open ports since the last call, which frees it.
  std::vector<Bytes> sent();

  // As a new one. (DPDK keeps what rings are made of, so that there cannot be one for each test.)
  void reset();

  uint64_t drops(DropReason reason) const { return counters_->tenants[1].drops[static_cast<uint32_t>(reason)].read(); }
  uint32_t buffers_in_use() const { return rte_mempool_in_use_count(pool_.get()); }

 private:
  rte_mbuf* make(const Bytes& packet, const Layout& layout);

  Mempool pool_;
  std::unique_ptr<Port> port_;
  std::unique_ptr<Counters> counters_;
  std::unique_ptr<TxBuffer> tx_;
  Random random_{1};
  ReplyLimiter replies_;
  CycleMeter meter_;
};

// One for tests that begin with it anew.
ActionBench& shared_bench();

}  // namespace vswitch::test
