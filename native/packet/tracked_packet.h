// Reads packets as connection tracking sees them. Every length is checked against the bytes that are there.
#pragma once

#include "packet/burst.h"
#include "packet/ct_packet.h"

namespace vswitch {

// An IP header and where its payload is.
struct IpHeader {
  uint32_t at = 0;
  uint32_t payload = 0;  // behind extension headers
  uint32_t end = 0;      // as the header claims
  uint8_t family = 0;
  uint8_t proto = 0;
  bool first_fragment = false, later_fragment = false;
  uint32_t fragment_id = 0;
};

// Reads the header at `at` of `length` bytes, of the family. False where it is cut short or no such header.
bool read_ip_header(const uint8_t* packet, uint32_t length, uint32_t at, uint8_t family, IpHeader& ip) noexcept;

// Whether this ICMP or ICMPv6 type is of an error, which holds the packet that it is about behind 8 bytes.
bool is_icmp_error(uint8_t family, uint8_t type) noexcept;
inline constexpr uint32_t kIcmpErrorBytes = 8;

// Where an ICMP query has its identifier.
inline constexpr uint32_t kIcmpIdentifier = 4;

// A packet whose layers were read up to its transport header. Moves bytes to the first segment where headers lie across segments.
void read_tracked(rte_mbuf* packet, const Layers& layers, CtPacket& out) noexcept;

}  // namespace vswitch
