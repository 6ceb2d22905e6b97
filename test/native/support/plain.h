// A plain reading of packets for tests, which shares nothing with the data plane: where headers are, and their checksums computed
// anew, byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>

#include "support/hex.h"

namespace vswitch::test {

// Where a packet's headers begin; 0: not there.
struct Plain {
  size_t tags = 0;
  size_t type = 0;  // of the Ethernet type behind the tags
  size_t arp = 0;
  size_t ipv4 = 0;
  size_t ipv6 = 0;
  size_t ip_end = 0;
  size_t next_header = 0;  // where the payload's protocol is said
  size_t transport = 0;
  uint8_t proto = 0;
  bool fragment = false;
};

// Of a well-formed packet.
Plain read_plain(const Bytes& packet);

uint32_t get(const Bytes& packet, size_t at, size_t bytes);
void put(Bytes& packet, size_t at, size_t bytes, uint32_t value);

// Puts every checksum right; a UDP checksum of 0 stays.
void mend(Bytes& packet);

// Only that of IPv4's header.
void mend_ipv4(Bytes& packet);

// After only the protocol of a packet changed: the checksum of the one before, whose pseudo header names another now (RFC 1624,
// eqn. 3).
void mend_protocol(Bytes& packet, const Plain& before);

// CRC32c bit by bit, as SCTP has it.
uint32_t plain_crc32c(const uint8_t* data, size_t bytes);

}  // namespace vswitch::test
