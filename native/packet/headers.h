// The headers a parser can reach. A plan is a set of them.
#pragma once

#include <cstdint>

namespace vswitch {

using HeaderSet = uint32_t;

// In the order of src/model/header.ts, with which it is compared when the addon is loaded.
#define VSWITCH_HEADERS(X)                                                                                         \
  X(ethernet_addresses, kEthernetAddresses)                                                                        \
  X(ether_type, kEtherType) /* behind VLAN tags */                                                                 \
  X(vlan, kVlan)                                                                                                   \
  X(arp, kArp)                                                                                                     \
  X(ipv4, kIpv4)                                                                                                   \
  X(ipv6, kIpv6)                                                                                                   \
  X(transport, kTransport)   /* ports and flags of TCP, ports of UDP and SCTP, type and code of ICMP and ICMPv6 */ \
  X(neighbour, kNeighbour)   /* target and link-layer address of neighbour discovery, RFC 4861 */                  \
  X(extensions, kExtensions) /* which IPv6 extension headers there are */

enum class HeaderBit : uint32_t {
#define X(name, constant) name,
  VSWITCH_HEADERS(X)
#undef X
};

enum Header : HeaderSet {
#define X(name, constant) constant = 1u << static_cast<uint32_t>(HeaderBit::name),
  VSWITCH_HEADERS(X)
#undef X
};

inline constexpr uint32_t kHeaders = 0
#define X(name, constant) +1
    VSWITCH_HEADERS(X)
#undef X
    ;

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
inline constexpr uint8_t kProtoEsp = 50;
inline constexpr uint8_t kProtoAuthentication = 51;
inline constexpr uint8_t kProtoIcmpv6 = 58;
inline constexpr uint8_t kProtoNoNext = 59;
inline constexpr uint8_t kProtoDestination = 60;
inline constexpr uint8_t kProtoSctp = 132;

inline constexpr uint32_t kEthernetBytes = 14;
inline constexpr uint32_t kVlanBytes = 4;
inline constexpr uint32_t kMaxVlanTags = 2;  // of a received packet; what lies behind a third is not read
inline constexpr uint32_t kArpBytes = 28;    // for IPv4 over Ethernet, RFC 826
inline constexpr uint32_t kIpv4Bytes = 20;
inline constexpr uint32_t kIpv6Bytes = 40;
inline constexpr uint32_t kTcpBytes = 20;
inline constexpr uint32_t kUdpBytes = 8;
inline constexpr uint32_t kSctpBytes = 12;
inline constexpr uint32_t kIcmpBytes = 4;        // type, code and checksum
inline constexpr uint32_t kNeighbourBytes = 24;  // of neighbour discovery, before its options

// Of neighbour discovery, RFC 4861.
inline constexpr uint8_t kIcmpv6Solicitation = 135;
inline constexpr uint8_t kIcmpv6Advertisement = 136;
inline constexpr uint8_t kOptionSource = 1;  // source link-layer address
inline constexpr uint8_t kOptionTarget = 2;

}  // namespace vswitch
