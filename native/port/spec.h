// What a port is asked to be, and what its device reports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "port/gateways.h"

namespace vswitch {

struct PortSpec {
  PortNumber number = 0;
  std::string name;
  TenantSlot slot = 0;  // whose packets it receives; 0: an uplink, whose packets are steered
  std::string devargs;  // a PCI address, or a virtual device with its arguments
  uint16_t rx_queues = 1;
  uint16_t tx_queues = 1;  // one for each worker
  uint16_t rx_descriptors = 512;
  uint16_t tx_descriptors = 512;
  uint16_t mtu = 0;  // 0: as the device has it
  std::string mac;   // empty: as the device has it
  std::vector<Gateway> gateways;
  uint32_t replies_per_second = 0;
};

struct PortInfo {
  std::string driver;
  std::string mac;
  uint16_t mtu = 0;
  uint16_t rx_queues = 0;
  uint16_t tx_queues = 0;
  std::vector<std::string> rx_offloads;
  std::vector<std::string> tx_offloads;
};

struct QueueCounters {
  uint64_t rx_packets = 0;
  uint64_t rx_bytes = 0;
  uint64_t tx_packets = 0;
  uint64_t tx_bytes = 0;
};

struct PortState {
  bool link_up = false;
  uint32_t speed_mbps = 0;
  bool full_duplex = false;
  uint64_t rx_missed = 0;
  uint64_t rx_errors = 0;
  uint64_t rx_no_mbuf = 0;
  uint64_t tx_errors = 0;
  std::vector<QueueCounters> queues;
};

}  // namespace vswitch
