#include "port/port.h"

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ether.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "dpdk/log_capture.h"
#include "packet/headers.h"
#include "port/kernel_link.h"

namespace vswitch {
namespace {

Error failed(const PortSpec& spec, const char* step, int code, const std::string& what) {
  const int reason = code < 0 ? -code : code;
  Error failure = error(ErrorCode::PORT_FAILED,
                        "port " + spec.name + ": " + what + (reason != 0 ? std::string(": ") + rte_strerror(reason) : ""));
  failure.step = step;
  failure.system_errno = reason;
  failure.log = LogCapture::take();
  return failure;
}

// The name under which DPDK knows the device: the arguments without their options.
std::string device_name(const PortSpec& spec) { return spec.devargs.substr(0, spec.devargs.find(',')); }

void unplug(uint16_t device) {
  rte_eth_dev_info info;
  if (rte_eth_dev_info_get(device, &info) != 0) return;
  rte_device* const hardware = info.device;
  rte_eth_dev_close(device);
  if (hardware != nullptr) rte_dev_remove(hardware);
}

std::vector<std::string> names_of(uint64_t offloads, const char* (*name)(uint64_t)) {
  std::vector<std::string> names;
  for (; offloads != 0; offloads &= offloads - 1) names.emplace_back(name(offloads & ~(offloads - 1)));
  return names;
}

std::string format(const rte_ether_addr& mac) {
  char text[RTE_ETHER_ADDR_FMT_SIZE];
  rte_ether_format_addr(text, sizeof text, &mac);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(tolower(c)); });
  return lower;
}

// DPDK's packet-socket driver listens on all interfaces of the network namespace before it binds its sockets to the one that it
// was given (rte_pmd_init_internals in rte_eth_af_packet.c): what came in between is another port's, perhaps another tenant's.
void discard_strangers(uint16_t device, uint16_t queues) {
  rte_eth_dev_info info;
  if (rte_eth_dev_info_get(device, &info) != 0 || std::strcmp(info.driver_name, "net_af_packet") != 0) return;
  // Twice what the largest ring holds: packets that come meanwhile must not keep this going.
  constexpr uint32_t kMost = 16384;
  rte_mbuf* packets[32];
  for (uint16_t queue = 0; queue < queues; ++queue) {
    uint32_t total = 0;
    for (uint16_t count = 1; count != 0 && total < kMost; total += count) {
      count = rte_eth_rx_burst(device, queue, packets, 32);
      rte_pktmbuf_free_bulk(packets, count);
    }
  }
}

}  // namespace

Result<Port> Port::open(const PortSpec& spec, rte_mempool* pool) {
  LogCapture::take();
  if (const int code = rte_dev_probe(spec.devargs.c_str()); code != 0)
    return failed(spec, "probe", code, "the device cannot be started");
  uint16_t device = RTE_MAX_ETHPORTS;
  if (rte_eth_dev_get_port_by_name(device_name(spec).c_str(), &device) != 0) {
    return failed(spec, "probe", 0, "no DPDK driver took the device " + device_name(spec));
  }
  Port port(spec, device);
  if (Status failure = port.configure(pool)) return *failure;
  return port;
}

Status Port::configure(rte_mempool* pool) {
  rte_eth_dev_info info;
  if (const int code = rte_eth_dev_info_get(device_, &info); code != 0)
    return failed(spec_, "configure", code, "the device does not describe itself");
  if (spec_.rx_queues > info.max_rx_queues || spec_.tx_queues > info.max_tx_queues) {
    return failed(spec_, "configure", 0,
                  "it has " + std::to_string(info.max_rx_queues) + " receive and " + std::to_string(info.max_tx_queues) +
                      " transmit queues; " + std::to_string(spec_.rx_queues) + " and " + std::to_string(spec_.tx_queues) +
                      " are asked for");
  }

  rte_eth_conf conf{};
  if (spec_.mtu != 0) conf.rxmode.mtu = spec_.mtu;
  if (spec_.rx_queues > 1) {
    conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf.rx_adv_conf.rss_conf.rss_hf = (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP) & info.flow_type_rss_offloads;
  }
  const uint32_t room = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM;
  const bool jumbo = spec_.mtu + RTE_ETHER_HDR_LEN + 2 * kVlanBytes > room;
  if (jumbo) conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
  // All buffers of a burst come from one pool and have one reference: the driver may free them in bulk where they are not
  // chained.
  const uint64_t fast_free = jumbo ? 0 : info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
  const uint64_t chained = fast_free == 0 ? info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS : 0;
  conf.txmode.offloads = fast_free | chained;
  egress_.max_segments = 1;
  if (chained != 0)
    egress_.max_segments = static_cast<uint8_t>(std::clamp<uint32_t>(info.tx_desc_lim.nb_mtu_seg_max, 8, UINT8_MAX));
  if (const int code = rte_eth_dev_configure(device_, spec_.rx_queues, spec_.tx_queues, &conf); code != 0) {
    return failed(spec_, "configure", code, "the device refuses its configuration");
  }
  if (spec_.mtu != 0) {
    // Drivers without a setter took it in the configuration or have no limit of their own.
    if (const int code = rte_eth_dev_set_mtu(device_, spec_.mtu); code != 0 && code != -ENOTSUP) {
      return failed(spec_, "mtu", code, "the device refuses an MTU of " + std::to_string(spec_.mtu));
    }
  }

  uint16_t rx_descriptors = spec_.rx_descriptors;
  uint16_t tx_descriptors = spec_.tx_descriptors;
  rte_eth_dev_adjust_nb_rx_tx_desc(device_, &rx_descriptors, &tx_descriptors);
  for (uint16_t queue = 0; queue < spec_.rx_queues; ++queue) {
    if (const int code = rte_eth_rx_queue_setup(device_, queue, rx_descriptors, SOCKET_ID_ANY, nullptr, pool); code != 0) {
      return failed(spec_, "rx_queue", code, "receive queue " + std::to_string(queue));
    }
  }
  for (uint16_t queue = 0; queue < spec_.tx_queues; ++queue) {
    if (const int code = rte_eth_tx_queue_setup(device_, queue, tx_descriptors, SOCKET_ID_ANY, nullptr); code != 0) {
      return failed(spec_, "tx_queue", code, "transmit queue " + std::to_string(queue));
    }
  }
  if (!spec_.mac.empty()) {
    rte_ether_addr wanted;
    rte_ether_addr present;
    if (rte_ether_unformat_addr(spec_.mac.c_str(), &wanted) != 0)
      return failed(spec_, "mac", EINVAL, "not a MAC address: " + spec_.mac);
    const bool same = rte_eth_macaddr_get(device_, &present) == 0 && rte_is_same_ether_addr(&wanted, &present) != 0;
    if (!same) {
      if (const int code = rte_eth_dev_default_mac_addr_set(device_, &wanted); code != 0) {
        return failed(spec_, "mac", code, "the device refuses the MAC address " + spec_.mac);
      }
    }
  }
  if (const int code = rte_eth_dev_start(device_); code != 0) return failed(spec_, "start", code, "the device does not start");
  discard_strangers(device_, spec_.rx_queues);
  uint16_t mtu = RTE_ETHER_MTU;
  rte_eth_dev_get_mtu(device_, &mtu);
  egress_.device = device_;
  egress_.max_bytes = mtu + RTE_ETHER_HDR_LEN;
  egress_.open = true;
  set_gateways();
  return {};
}

void Port::set_gateways() {
  if (spec_.gateways.empty()) return;
  gateways_ = std::make_unique<Gateways>();
  rte_ether_addr mac{};
  rte_eth_macaddr_get(device_, &mac);
  memcpy(gateways_->mac, mac.addr_bytes, sizeof gateways_->mac);
  gateways_->replies_per_second = spec_.replies_per_second;
  gateways_->list = spec_.gateways;
}

Port::Port(Port&& other) noexcept
    : spec_(std::move(other.spec_)),
      gateways_(std::move(other.gateways_)),
      device_(std::exchange(other.device_, RTE_MAX_ETHPORTS)),
      egress_(other.egress_) {}

Port::~Port() {
  if (device_ == RTE_MAX_ETHPORTS) return;
  rte_eth_dev_stop(device_);
  unplug(device_);
}

PortInfo Port::info() const {
  PortInfo report;
  rte_eth_dev_info info;
  if (rte_eth_dev_info_get(device_, &info) == 0) {
    report.driver = info.driver_name;
    report.rx_queues = info.nb_rx_queues;
    report.tx_queues = info.nb_tx_queues;
    report.rx_offloads = names_of(info.rx_offload_capa, rte_eth_dev_rx_offload_name);
    report.tx_offloads = names_of(info.tx_offload_capa, rte_eth_dev_tx_offload_name);
  }
  rte_ether_addr mac{};
  rte_eth_macaddr_get(device_, &mac);
  report.mac = format(mac);
  rte_eth_dev_get_mtu(device_, &report.mtu);
  return report;
}

bool Port::link_up() const noexcept {
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(device_, &link) != 0 || link.link_status != RTE_ETH_LINK_UP) return false;
  rte_eth_dev_info info;
  return rte_eth_dev_info_get(device_, &info) != 0 || kernel_link_up(info.if_index);
}

PortState Port::state() const {
  PortState report;
  report.link_up = link_up();
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(device_, &link) == 0) {
    report.speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
    report.full_duplex = link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX;
  }
  rte_eth_stats stats{};
  if (rte_eth_stats_get(device_, &stats) == 0) {
    report.rx_missed = stats.imissed;
    report.rx_errors = stats.ierrors;
    report.rx_no_mbuf = stats.rx_nombuf;
    report.tx_errors = stats.oerrors;
    const uint32_t queues = std::min<uint32_t>(std::max(spec_.rx_queues, spec_.tx_queues), RTE_ETHDEV_QUEUE_STAT_CNTRS);
    for (uint32_t q = 0; q < queues; ++q) {
      report.queues.push_back({stats.q_ipackets[q], stats.q_ibytes[q], stats.q_opackets[q], stats.q_obytes[q]});
    }
  }
  return report;
}

}  // namespace vswitch
