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
inline const std::string kUdp6 =
    kEthernet + "86dd 60000000 00081140 fd000000000000000000000000000001 fd000000000000000000000000000002 03e807d0 00080000";
inline const std::string kArpRequest =
    "ffffffffffff 020000000002 0806 0001080006040001 020000000002 0a000001 000000000000 0a0000fe";

}  // namespace vswitch::test
