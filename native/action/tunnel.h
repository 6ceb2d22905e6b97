// The headers of tunnels over UDP that encap writes and decap reads: VXLAN (RFC 7348) and Geneve (RFC 8926), 8 bytes each.
#pragma once

#include <rte_byteorder.h>
#include <rte_ip.h>

#include <cstdint>

#include "packet/headers.h"
#include "packet/rewrite.h"

namespace vswitch {

// Numbers as src/switch/codec.ts has them.
enum Tunnel : uint16_t { kVxlan = 0, kGeneve = 1, kTunnels = 2 };

inline constexpr uint32_t kTunnelBytes = 8;
inline constexpr uint8_t kVxlanHasVni = 0x08;     // first byte
inline constexpr uint8_t kGeneveControl = 0x80;   // second byte: a control message, which is not forwarded (RFC 8926, 3.4)
inline constexpr uint8_t kGeneveCritical = 0x40;  // second byte: an option that must be understood
inline constexpr uint16_t kTransparentEthernet = 0x6558;
inline constexpr uint32_t kMaxVni = 0xffffff;

// Explicit congestion notification, RFC 3168.
inline constexpr uint8_t kEcnMask = 3;
inline constexpr uint8_t kEcnEct1 = 1;
inline constexpr uint8_t kEcnEct0 = 2;
inline constexpr uint8_t kEcnCe = 3;

// The DSCP and ECN byte of the packet's IP header; 0 where it has none.
VSWITCH_INLINE uint8_t tos_of(const uint8_t* packet, const Layers& layers) noexcept {
  if (layers.ipv4 != 0) return packet[layers.ipv4 + 1];
  if (layers.ipv6 == 0) return 0;
  return static_cast<uint8_t>(rte_be_to_cpu_16(load<uint16_t>(packet + layers.ipv6)) >> 4);
}

// The sum over the pseudo header of UDP: both addresses, which begin at `addresses`, protocol and length (RFC 768, RFC 8200).
VSWITCH_INLINE uint64_t udp_pseudo_header(const uint8_t* addresses, uint32_t address_bytes, uint16_t udp_bytes) noexcept {
  return static_cast<uint64_t>(rte_raw_cksum(addresses, 2 * address_bytes)) + RTE_BE16(kProtoUdp) + rte_cpu_to_be_16(udp_bytes);
}

}  // namespace vswitch
