// The headers a parser can reach. A plan is a set of them.
#pragma once

#include <cstdint>

namespace vswitch {

using HeaderSet = uint32_t;

enum Header : HeaderSet {
  kEthernetAddresses = 1u << 0,
  kEtherType = 1u << 1,  // behind a VLAN tag where there is one
  kVlan = 1u << 2,
  kArp = 1u << 3,
  kIpv4 = 1u << 4,
  kIpv6 = 1u << 5,
  kTransport = 1u << 6,  // TCP and UDP ports, ICMP and ICMPv6 type and code
};

// Ethernet types, IEEE 802 numbers.
inline constexpr uint16_t kTypeIpv4 = 0x0800;
inline constexpr uint16_t kTypeArp = 0x0806;
inline constexpr uint16_t kTypeVlan = 0x8100;
inline constexpr uint16_t kTypeQinq = 0x88a8;
inline constexpr uint16_t kTypeIpv6 = 0x86dd;

// IP protocol numbers, IANA.
inline constexpr uint8_t kProtoHopByHop = 0;
inline constexpr uint8_t kProtoIcmp = 1;
inline constexpr uint8_t kProtoTcp = 6;
inline constexpr uint8_t kProtoUdp = 17;
inline constexpr uint8_t kProtoRouting = 43;
inline constexpr uint8_t kProtoFragment = 44;
inline constexpr uint8_t kProtoIcmpv6 = 58;
inline constexpr uint8_t kProtoDestination = 60;

inline constexpr uint32_t kEthernetBytes = 14;
inline constexpr uint32_t kVlanBytes = 4;
inline constexpr uint32_t kArpBytes = 28;  // for IPv4 over Ethernet, RFC 826
inline constexpr uint32_t kIpv4Bytes = 20;
inline constexpr uint32_t kIpv6Bytes = 40;

}  // namespace vswitch
