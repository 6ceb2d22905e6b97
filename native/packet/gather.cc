#include "packet/gather.h"

#include <algorithm>
#include <cstring>

namespace vswitch {
namespace {

// Bytes of the second segment to the end of the first, which has room for them.
void move_front(rte_mbuf* packet, uint16_t bytes) noexcept {
  rte_mbuf* const next = packet->next;
  memcpy(rte_pktmbuf_mtod_offset(packet, uint8_t*, packet->data_len), rte_pktmbuf_mtod(next, const uint8_t*), bytes);
  packet->data_len = static_cast<uint16_t>(packet->data_len + bytes);
  next->data_off = static_cast<uint16_t>(next->data_off + bytes);
  next->data_len = static_cast<uint16_t>(next->data_len - bytes);
  if (next->data_len != 0) return;
  packet->next = next->next;
  --packet->nb_segs;
  rte_pktmbuf_free_seg(next);
}

}  // namespace

bool gather(rte_mbuf* packet) noexcept {
  const uint32_t bytes = std::min(kGatheredBytes, rte_pktmbuf_pkt_len(packet));
  if (bytes <= packet->data_len || !RTE_MBUF_DIRECT(packet) || rte_pktmbuf_tailroom(packet) < bytes - packet->data_len)
    return false;
  while (packet->data_len < bytes) {
    if (packet->next == nullptr) return false;
    move_front(packet, static_cast<uint16_t>(std::min<uint32_t>(bytes - packet->data_len, packet->next->data_len)));
  }
  return true;
}

}  // namespace vswitch
