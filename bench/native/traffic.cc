#include "traffic.h"

#include <rte_byteorder.h>

#include <cstddef>

namespace vswitch {
namespace {

constexpr uint32_t kClient = RTE_IPV4(192, 168, 0, 1);
constexpr uint16_t kClientPort = 1000;
constexpr uint16_t kPort = 2000;
constexpr uint16_t kFloodedPort = 2001;

StampedFrame frame_of(uint32_t source, uint16_t source_port, uint32_t destination, uint16_t port) {
  StampedFrame frame{};
  frame.eth.dst_addr = {{2, 0, 0, 0, 0, 1}};
  frame.eth.src_addr = {{2, 0, 0, 0, 0, 2}};
  frame.eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
  frame.ip.version_ihl = RTE_IPV4_VHL_DEF;
  frame.ip.total_length = rte_cpu_to_be_16(sizeof frame - offsetof(StampedFrame, ip));
  frame.ip.time_to_live = 64;
  frame.ip.next_proto_id = IPPROTO_UDP;
  frame.ip.src_addr = rte_cpu_to_be_32(source);
  frame.ip.dst_addr = rte_cpu_to_be_32(destination);
  frame.ip.hdr_checksum = rte_ipv4_cksum(&frame.ip);
  frame.udp.src_port = rte_cpu_to_be_16(source_port);
  frame.udp.dst_port = rte_cpu_to_be_16(port);
  frame.udp.dgram_len = rte_cpu_to_be_16(sizeof frame - offsetof(StampedFrame, udp));
  return frame;
}

}  // namespace

Traffic::Traffic(const Port& to, const Port& from, rte_mempool* pool, uint32_t flows, bool answers, const rte_ether_addr& eth_dst)
    : to_(to), from_(from), pool_(pool), eth_dst_(eth_dst) {
  const uint32_t first = RTE_IPV4(10, 0, 0, 0);
  for (uint32_t flow = 0; flow < flows; ++flow) frames_.push_back(frame_of(kClient, kClientPort, first + flow, kPort));
  if (!answers) return;
  for (uint32_t flow = 0; flow < flows; ++flow) frames_.push_back(frame_of(first + flow, kPort, kClient, kClientPort));
}

uint32_t Traffic::send(uint32_t count) {
  return send_each(count, [this] {
    StampedFrame frame = frames_[next_];
    next_ = next_ + 1 == frames_.size() ? 0 : next_ + 1;
    frame.sent = now();
    return frame;
  });
}

void Traffic::flood(uint32_t count) {
  send_each(count, [this] {
    const uint32_t number = flooded_++;
    return frame_of(kClient, static_cast<uint16_t>(number >> 20 << 10 | 1), RTE_IPV4(11, 0, 0, 0) + (number & 0xfffff),
                    kFloodedPort);
  });
}

template <typename Make>
uint32_t Traffic::send_each(uint32_t count, Make make) {
  rte_mbuf* packets[kBurst];
  if (rte_pktmbuf_alloc_bulk(pool_, packets, count) != 0) return 0;
  for (uint32_t i = 0; i < count; ++i) {
    *reinterpret_cast<StampedFrame*>(rte_pktmbuf_append(packets[i], sizeof(StampedFrame))) = make();
  }
  const uint16_t taken = vswitch::send(to_.device(), 0, packets, static_cast<uint16_t>(count));
  rte_pktmbuf_free_bulk(packets + taken, count - taken);
  return taken;
}

uint32_t Traffic::receive(Histogram& cycles) {
  uint32_t total = 0;
  for (uint16_t queue = 0; queue < from_.spec().rx_queues; ++queue) {
    rte_mbuf* packets[kBurst];
    const uint16_t count = vswitch::receive(from_.device(), queue, packets, kBurst);
    const Cycles arrived = now();
    for (uint32_t i = 0; i < count; ++i) {
      const auto* frame = rte_pktmbuf_mtod(packets[i], const StampedFrame*);
      if (!rte_is_same_ether_addr(&frame->eth.dst_addr, &eth_dst_)) ++strangers_;
      cycles.record(arrived - frame->sent);
    }
    rte_pktmbuf_free_bulk(packets, count);
    total += count;
  }
  return total;
}

}  // namespace vswitch
