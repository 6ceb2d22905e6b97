// Packets in segments, of a pool.
#pragma once

#include <rte_mbuf.h>

#include <cstring>
#include <memory>
#include <vector>

#include "support/hex.h"

namespace vswitch::test {

struct PoolFree {
  void operator()(rte_mempool* pool) const { rte_mempool_free(pool); }
};
using Pool = std::unique_ptr<rte_mempool, PoolFree>;

// Of mbufs that hold this much.
inline Pool pool_of(uint16_t room) { return Pool(rte_pktmbuf_pool_create("segments", 15, 0, 0, room, SOCKET_ID_ANY)); }

struct PacketFree {
  void operator()(rte_mbuf* packet) const { rte_pktmbuf_free(packet); }
};
using Packet = std::unique_ptr<rte_mbuf, PacketFree>;

// The packet in segments, which all but the last end at `ends`.
inline Packet segments(rte_mempool* pool, const Bytes& bytes, std::vector<size_t> ends) {
  ends.push_back(bytes.size());
  Packet packet;
  size_t at = 0;
  for (const size_t end : ends) {
    rte_mbuf* const segment = rte_pktmbuf_alloc(pool);
    memcpy(rte_pktmbuf_append(segment, static_cast<uint16_t>(end - at)), bytes.data() + at, end - at);
    if (packet == nullptr) {
      packet.reset(segment);
    } else {
      rte_pktmbuf_chain(packet.get(), segment);
    }
    at = end;
  }
  return packet;
}

inline Bytes bytes_of(const rte_mbuf* packet) {
  Bytes bytes;
  for (; packet != nullptr; packet = packet->next) {
    const auto* data = rte_pktmbuf_mtod(packet, const uint8_t*);
    bytes.insert(bytes.end(), data, data + packet->data_len);
  }
  return bytes;
}

}  // namespace vswitch::test
