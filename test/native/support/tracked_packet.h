// Packets as connection tracking sees them.
#pragma once

#include <doctest/doctest.h>

#include <memory>

#include "packet/parser.h"
#include "packet/tracked_packet.h"
#include "packet/translate.h"
#include "support/packets.h"
#include "support/plain.h"
#include "support/segments.h"

namespace vswitch::test {

// A packet as the parser leaves it, as connection tracking sees it, and with other endpoints.
struct TrackedBytes {
  explicit TrackedBytes(const Bytes& bytes, std::vector<size_t> ends = {}) : packet(segments(pool(), bytes, std::move(ends))) {
    burst->in_port = 1;
    burst->count = 1;
    burst->packet[0] = packet.get();
    ParseVerdict verdict[kBurst];
    ParsePlan plan;
    plan.add(kEtherType | kIpv4 | kIpv6 | kTransport);
    REQUIRE(parse_burst(plan, *burst, verdict) == 0);
    read_tracked(packet.get(), burst->layers[0], ct);
  }

  Bytes translated(const CtTuple& to) {
    is_done = translate(packet.get(), burst->layers[0], ct, to, burst->key[0]);
    Bytes bytes;
    for (const rte_mbuf* segment = packet.get(); segment != nullptr; segment = segment->next) {
      const auto* const data = rte_pktmbuf_mtod(segment, const uint8_t*);
      bytes.insert(bytes.end(), data, data + segment->data_len);
    }
    return bytes;
  }

  // One for all of them, several of which a test may have.
  static rte_mempool* pool() {
    static rte_mempool* const shared = rte_pktmbuf_pool_create("tracked", 63, 0, 0, 512, SOCKET_ID_ANY);
    return shared;
  }

  Packet packet;
  std::unique_ptr<Burst> burst = std::make_unique<Burst>();
  CtPacket ct;
  bool is_done = false;  // the translation
};

inline Bytes mended(const std::string& text) {
  Bytes packet = hex(text);
  mend(packet);
  return packet;
}

inline uint16_t be(uint16_t value) { return rte_cpu_to_be_16(value); }

inline const std::string kTcpSyn = kEthernet +
                                   "0800 4500003c 00000000 40060000 0a000001 0a000002"
                                   "03e80050 00000001 00000002 a0020102 0000 0000 020405b4 0402080a 0000000100000000 01030307";

// 10.0.0.9 says of a packet that 10.0.0.1:1000 sent to 10.0.0.2:80 that its port is unreachable.
inline std::string icmp_error(const std::string& source, const std::string& quoted, size_t quoted_bytes) {
  char total[5];
  snprintf(total, sizeof total, "%04zx", 28 + quoted_bytes);
  return kEthernet + "0800 4500" + total + "00000000 40010000 " + source + " 0a000001 03030000 00000000" + quoted;
}

}  // namespace vswitch::test
