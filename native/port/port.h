// A started DPDK device. Opened and closed by the control thread; receive and send are the workers'.
#pragma once

#include <rte_ethdev.h>

#include <memory>

#include "base/hot.h"
#include "base/status.h"
#include "port/gateways.h"
#include "port/spec.h"

namespace vswitch {

// What workers know of a port to which they send.
struct EgressPort {
  uint16_t device = 0;
  bool open = false;
  uint8_t max_segments = 1;  // that the device takes
  uint32_t max_bytes = 0;    // of an untagged frame without FCS, by the MTU
};

class Port {
 public:
  // Probes, configures and starts the device; an error names the step that failed, and leaves nothing open.
  static Result<Port> open(const PortSpec& spec, rte_mempool* pool);

  Port(Port&& other) noexcept;
  Port& operator=(Port&&) = delete;
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port();  // stops, closes and unplugs the device

  [[nodiscard]] const PortSpec& spec() const { return spec_; }
  [[nodiscard]] uint16_t device() const { return device_; }
  [[nodiscard]] const EgressPort& egress() const { return egress_; }
  // Null: what comes in by it is not answered.
  [[nodiscard]] const Gateways* gateways() const { return gateways_.get(); }
  [[nodiscard]] bool link_up() const noexcept;
  [[nodiscard]] PortInfo info() const;
  [[nodiscard]] PortState state() const;

 private:
  Port(PortSpec spec, uint16_t device) : spec_(std::move(spec)), device_(device) {}
  Status configure(rte_mempool* pool);
  void set_gateways();

  PortSpec spec_;
  std::unique_ptr<Gateways> gateways_;
  uint16_t device_ = RTE_MAX_ETHPORTS;
  EgressPort egress_;
};

VSWITCH_INLINE uint16_t receive(uint16_t device, uint16_t queue, rte_mbuf** packets, uint16_t count) noexcept {
  return rte_eth_rx_burst(device, queue, packets, count);
}

// Returns how many of the packets were taken; the others stay the caller's.
VSWITCH_INLINE uint16_t send(uint16_t device, uint16_t queue, rte_mbuf** packets, uint16_t count) noexcept {
  return rte_eth_tx_burst(device, queue, packets, count);
}

}  // namespace vswitch
