// Random well-formed packets of every kind that the switch reads, their checksums right.
#pragma once

#include <random>
#include <string_view>
#include <vector>

#include "support/hex.h"

namespace vswitch::test {

// tcp4 udp4 icmp4 sctp4 later4 tcp6 udp6 icmp6 sctp6 routed6 later6 solicit advertise arp other
const std::vector<std::string_view>& kinds();

// With 0 to 2 VLAN tags, IPv4 options, IPv6 extension headers, payloads of any length, Ethernet padding.
Bytes random_packet(std::string_view kind, std::mt19937& random);

}  // namespace vswitch::test
