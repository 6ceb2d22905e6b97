// Well-formed packets to begin with; a test changes what it is about.
#pragma once

#include "support/hex.h"

namespace vswitch::test {

inline const std::string kEthernet = "020000000001 020000000002 ";
// 10.0.0.1 to 10.0.0.2, TTL 64, the checksum right.
inline const std::string kUdp4 = kEthernet + "0800 4500001c 00000000 401166cf 0a000001 0a000002 03e807d0 00080000";
inline const std::string kTcp4 =
    kEthernet + "0800 45b80028 00000000 40066610 0a000001 0a000002 03e80050 00000000 00000000 50020000 00000000";
inline const std::string kIcmp4 = kEthernet + "0800 4500001c 00000000 400166df 0a000001 0a000002 0800f7ff 00000000";
inline const std::string kSctp4 = kEthernet + "0800 45000020 00000000 40846658 0a000001 0a000002 03e807d0 00000001 00000000";
inline const std::string kUdp6 =
    kEthernet + "86dd 60000000 00081140 fd000000000000000000000000000001 fd000000000000000000000000000002 03e807d0 00080000";
inline const std::string kArpRequest =
    "ffffffffffff 020000000002 0806 0001080006040001 020000000002 0a000001 000000000000 0a0000fe";

// Neighbour discovery: a solicitation with the source's address, an advertisement with the target's.
inline const std::string kSolicitation =
    kEthernet +
    "86dd 60000000 00203aff fd000000000000000000000000000001 ff0200000000000000000001ff000002"
    "87000000 00000000 fd000000000000000000000000000002 0101 020000000002";
inline const std::string kAdvertisement =
    kEthernet +
    "86dd 60000000 00203aff fd000000000000000000000000000002 fd000000000000000000000000000001"
    "88000000 60000000 fd000000000000000000000000000002 0201 020000000001";

}  // namespace vswitch::test
