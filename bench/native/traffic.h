// Frames with a TSC stamp: sent by one port, received from another. Beside them those of a flood, of which none comes back.
#pragma once

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include <vector>

#include "dpdk/clock.h"
#include "histogram.h"
#include "port/port.h"

namespace vswitch {

// UDP, 60 bytes without FCS; the stamp is in the first cache line.
struct StampedFrame {
  rte_ether_hdr eth;
  rte_ipv4_hdr ip;
  rte_udp_hdr udp;
  Cycles sent;
  uint8_t padding[10];
} __rte_packed __rte_aligned(2);
static_assert(sizeof(StampedFrame) == 60);

class Traffic {
 public:
  static constexpr uint32_t kBurst = 32;

  // `flows` different destinations, 10.0.0.0 and after; with `answers` those of all destinations follow. They must come back
  // with `eth_dst`.
  Traffic(const Port& to, const Port& from, rte_mempool* pool, uint32_t flows, bool answers, const rte_ether_addr& eth_dst);

  // Sends up to kBurst frames, stamped; returns how many the port took.
  uint32_t send(uint32_t count);
  // Likewise, each with endpoints that were never there before, to a port of their own.
  void flood(uint32_t count);
  // Receives what is there, and records for how many cycles each was under way; returns how many there were.
  uint32_t receive(Histogram& cycles);

  // Received frames that were not as the rules make them.
  [[nodiscard]] uint64_t strangers() const { return strangers_; }

 private:
  template <typename Make>
  uint32_t send_each(uint32_t count, Make make);

  const Port& to_;
  const Port& from_;
  rte_mempool* pool_;
  std::vector<StampedFrame> frames_;
  uint32_t next_ = 0;
  uint32_t flooded_ = 0;
  rte_ether_addr eth_dst_;
  uint64_t strangers_ = 0;
};

}  // namespace vswitch
