// Changes of header fields in place, with the checksums that cover them. Offsets are even, as one's complement sums ask.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/hot.h"
#include "packet/burst.h"
#include "packet/bytes.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace vswitch {

// Bytes to write, and the bits of the old ones that stay; as they lie in the packet.
template <uint32_t kBytes>
struct Patch {
  uint8_t value[kBytes];
  uint8_t keep[kBytes];

  VSWITCH_INLINE Difference apply(uint8_t* at) const noexcept {
    using Word = std::conditional_t<kBytes % 4 == 0, uint32_t, uint16_t>;
    static_assert(kBytes % sizeof(Word) == 0);
    Difference change = 0;
    for (uint32_t i = 0; i < kBytes; i += sizeof(Word)) {
      const auto before = load<Word>(at + i);
      const auto after = static_cast<Word>((before & load<Word>(keep + i)) | load<Word>(value + i));
      store(at + i, after);
      change += difference(before, after);
    }
    return change;
  }
};

// Where IPv4, TCP, UDP, ICMP and ICMPv6 have their checksums.
inline constexpr uint32_t kIpv4Checksum = 10;
inline constexpr uint32_t kTcpChecksum = 16;
inline constexpr uint32_t kUdpChecksum = 6;
inline constexpr uint32_t kIcmpChecksum = 2;
inline constexpr uint32_t kSctpChecksum = 8;

VSWITCH_INLINE void update_checksum_at(uint8_t* at, Difference change) noexcept {
  store(at, update_checksum(load<uint16_t>(at), change));
}

VSWITCH_INLINE void update_udp_checksum_at(uint8_t* at, Difference change) noexcept {
  store(at, update_udp_checksum(load<uint16_t>(at), change));
}

// An echo reply may be all zeros, of which 0 would be no checksum (RFC 1624, section 3 leaves that out); 0xffff is one of
// whatever has 0.
VSWITCH_INLINE void update_icmp_checksum_at(uint8_t* at, Difference change) noexcept {
  const uint16_t updated = update_checksum(load<uint16_t>(at), change);
  store(at, updated == 0 ? uint16_t{0xffff} : updated);
}

// After a change of the addresses that the transport's checksum covers by its pseudo header; ICMP has none.
VSWITCH_INLINE void pseudo_header_changed(uint8_t* packet, const Layers& layers, Difference change) noexcept {
  if (layers.transport == 0) return;
  uint8_t* const transport = packet + layers.transport;
  if (layers.proto == kProtoTcp) {
    update_checksum_at(transport + kTcpChecksum, change);
  } else if (layers.proto == kProtoUdp) {
    update_udp_checksum_at(transport + kUdpChecksum, change);
  } else if (layers.proto == kProtoIcmpv6 && layers.ipv6 != 0) {
    update_checksum_at(transport + kIcmpChecksum, change);
  }
}

// After a change of the first four bytes of SCTP, its ports: `length` bytes from there on are covered by its CRC (RFC 9260).
void sctp_ports_changed(uint8_t* sctp, uint32_t before, uint32_t after, uint32_t length) noexcept;

// Of the transport header and what follows it: as IP says, but no more than the packet has.
uint32_t transport_bytes(const uint8_t* packet, const Layers& layers, uint32_t packet_bytes) noexcept;

// The sum over so many bytes of a packet from an offset on, all of which it has. (rte_raw_cksum_mbuf of DPDK 22.11 loses carries
// where a segment begins at an odd place.)
uint16_t sum_of(const rte_mbuf* packet, uint32_t offset, uint32_t bytes) noexcept;

// Whether the destination of this IPv6 packet is that of its checksum too: not where a routing header still names others
// (RFC 8200, section 8.1).
bool is_final_destination(const uint8_t* packet, const Layers& layers) noexcept;

// Where the IP protocol of an IPv6 packet's payload is: in its header, or in the last extension header within `length` bytes.
// Null where that is not there.
uint8_t* last_next_header(uint8_t* packet, const Layers& layers, uint32_t length) noexcept;

}  // namespace vswitch
