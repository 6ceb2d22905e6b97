// Packets that wait for the end of a tenant's part of a burst, by egress port, so that devices get them in one call.
// One for each worker, used by that worker only.
#pragma once

#include <rte_mbuf.h>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "meter/counters.h"
#include "port/port.h"

namespace vswitch {

// Gets packets in the place of the devices, one by one in the order in which they were output.
class TxSink {
 public:
  virtual ~TxSink() = default;
  virtual void take(PortNumber port, rte_mbuf* packet) = 0;
};

class TxBuffer {
 public:
  // Where packets for a port wait.
  struct Lane {
    uint32_t count = 0;
    uint16_t device = 0;
    bool waiting = false;
    uint64_t bytes = 0;
    rte_mbuf* packet[kBurst];
  };

  explicit TxBuffer(uint16_t queue, TxSink* sink = nullptr) : queue_(queue), sink_(sink) {}

  // Takes the packet. `device` is the DPDK port of `port`.
  VSWITCH_INLINE void stage(PortNumber port, uint16_t device, rte_mbuf* packet, TrafficCounters& port_counters,
                            TenantCounters& tenant) noexcept {
    Lane* const to = lane(port, device);
    if (__builtin_expect(to == nullptr, 0)) return sink_->take(port, packet);
    push(*to, packet, port_counters, tenant);
  }

  // The same in two steps, for packets of one port in a row. Null where a sink takes packets.
  VSWITCH_INLINE Lane* lane(PortNumber port, uint16_t device) noexcept {
    if (__builtin_expect(sink_ != nullptr, 0)) return nullptr;
    Lane& lane = lanes_[port];
    if (!lane.waiting) {
      lane.waiting = true;
      lane.device = device;
      waiting_[waiting_count_++] = port;
    }
    return &lane;
  }
  VSWITCH_INLINE void push(Lane& lane, rte_mbuf* packet, TrafficCounters& port_counters, TenantCounters& tenant) noexcept {
    if (__builtin_expect(lane.count == kBurst, 0)) send(lane, port_counters, tenant);
    lane.bytes += rte_pktmbuf_pkt_len(packet);
    lane.packet[lane.count++] = packet;
  }

  // Takes a packet that goes nowhere, until free_discarded().
  VSWITCH_INLINE void discard(rte_mbuf* packet) noexcept {
    if (__builtin_expect(discarded_count_ == kBurst, 0)) free_discarded();
    discarded_[discarded_count_++] = packet;
  }
  // In one go they cost a third of what they cost one by one, and an attack is mostly packets that are dropped.
  VSWITCH_INLINE void free_discarded() noexcept {
    if (discarded_count_ == 0) return;
    rte_pktmbuf_free_bulk(discarded_, discarded_count_);
    discarded_count_ = 0;
  }

  [[nodiscard]] VSWITCH_INLINE bool empty() const noexcept { return waiting_count_ == 0; }

  // Sends everything that waits; what a device does not take is dropped as tx_queue_full.
  VSWITCH_INLINE void flush(TrafficCounters ports[kPorts], TenantCounters& tenant) noexcept {
    for (uint32_t i = 0; i < waiting_count_; ++i) {
      const PortNumber port = waiting_[i];
      send(lanes_[port], ports[port], tenant);
      lanes_[port].waiting = false;
    }
    waiting_count_ = 0;
  }

 private:
  VSWITCH_INLINE void send(Lane& lane, TrafficCounters& port_counters, TenantCounters& tenant) noexcept {
    if (lane.count == 0) return;
    const uint32_t sent = vswitch::send(lane.device, queue_, lane.packet, static_cast<uint16_t>(lane.count));
    if (__builtin_expect(sent < lane.count, 0)) drop(lane, sent, tenant);
    port_counters.tx_packets.add(sent);
    port_counters.tx_bytes.add(lane.bytes);
    tenant.traffic.tx_packets.add(sent);
    tenant.traffic.tx_bytes.add(lane.bytes);
    lane.count = 0;
    lane.bytes = 0;
  }

  VSWITCH_COLD static void drop(Lane& lane, uint32_t sent, TenantCounters& tenant) noexcept {
    tenant.drops[static_cast<uint32_t>(DropReason::tx_queue_full)].add(lane.count - sent);
    for (uint32_t i = sent; i < lane.count; ++i) {
      lane.bytes -= rte_pktmbuf_pkt_len(lane.packet[i]);
      rte_pktmbuf_free(lane.packet[i]);
    }
  }

  uint16_t queue_;
  TxSink* const sink_;
  uint32_t discarded_count_ = 0;
  rte_mbuf* discarded_[kBurst];
  uint32_t waiting_count_ = 0;
  PortNumber waiting_[kPorts];
  Lane lanes_[kPorts];
};

}  // namespace vswitch
