#include "packet/rewrite.h"

#include <rte_hash_crc.h>
#include <rte_ip.h>

#include "packet/extensions.h"

namespace vswitch {

// CRCs are linear: the CRC of the change alone, begun with nothing, is the change of the CRC. So the bytes behind the ports count
// as zeros, and need not be read.
void sctp_ports_changed(uint8_t* sctp, uint32_t before, uint32_t after, uint32_t length) noexcept {
  uint32_t crc = rte_hash_crc_4byte(before ^ after, 0);
  uint32_t left = length - sizeof before;
  for (; left >= 8; left -= 8) crc = rte_hash_crc_8byte(0, crc);
  for (; left != 0; --left) crc = rte_hash_crc_1byte(0, crc);
  store(sctp + kSctpChecksum, load<uint32_t>(sctp + kSctpChecksum) ^ crc);
}

uint32_t transport_bytes(const uint8_t* packet, const Layers& layers, uint32_t packet_bytes) noexcept {
  const uint32_t claim = load_be16(packet + (layers.ipv4 != 0 ? layers.ipv4 + 2 : layers.ipv6 + 4));
  const uint32_t end = layers.ipv4 != 0 ? layers.ipv4 + claim : layers.ipv6 + kIpv6Bytes + claim;
  const bool jumbo = layers.ipv4 == 0 && claim == 0;  // RFC 2675
  return (jumbo || end > packet_bytes ? packet_bytes : end) - layers.transport;
}

uint16_t sum_of(const rte_mbuf* packet, uint32_t offset, uint32_t bytes) noexcept {
  for (; packet != nullptr && offset >= packet->data_len; packet = packet->next) offset -= packet->data_len;
  uint64_t sum = 0;
  bool odd = false;
  for (; packet != nullptr && bytes != 0; packet = packet->next) {
    const uint32_t here = packet->data_len - offset < bytes ? packet->data_len - offset : bytes;
    const uint16_t part = rte_raw_cksum(rte_pktmbuf_mtod_offset(packet, const uint8_t*, offset), here);
    sum += odd ? rte_bswap16(part) : part;
    odd ^= (here & 1) != 0;
    bytes -= here;
    offset = 0;
  }
  return fold(sum);
}

bool is_final_destination(const uint8_t* packet, const Layers& layers) noexcept {
  uint32_t at = layers.ipv6 + kIpv6Bytes;
  uint8_t next = packet[layers.ipv6 + 6];
  // The parser has seen that everything up to the transport header is there.
  for (int i = 0; i < kMaxExtensionHeaders && at < layers.transport && is_extension(next); ++i) {
    if (next == kProtoRouting && packet[at + 3] != 0) return false;
    const uint8_t kind = next;
    next = packet[at];
    at += extension_bytes(kind, packet + at);
  }
  return true;
}

uint8_t* last_next_header(uint8_t* packet, const Layers& layers, uint32_t length) noexcept {
  uint8_t* last = packet + layers.ipv6 + 6;
  uint32_t at = layers.ipv6 + kIpv6Bytes;
  for (int i = 0; is_extension(*last); ++i) {
    if (i == kMaxExtensionHeaders || at + 8 > length) return nullptr;
    const uint8_t kind = *last;
    // A later fragment's next header is of what the whole packet holds; what follows is its data.
    const bool later = kind == kProtoFragment && (load<uint16_t>(packet + at + 2) & 0xf8ff) != 0;
    last = packet + at;
    if (later) break;
    at += extension_bytes(kind, packet + at);
  }
  return last;
}

}  // namespace vswitch
