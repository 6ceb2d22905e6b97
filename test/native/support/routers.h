// Gateways for tests: 10.0.0.254 and fd00::fe, on a port with the address 02:00:00:00:00:01.
#pragma once

#include "port/gateways.h"
#include "support/hex.h"

namespace vswitch::test {

inline Gateway gateway(uint8_t family, uint8_t length, std::string_view address) {
  Gateway made{family, length, {}};
  const Bytes bytes = hex(address);
  std::copy(bytes.begin(), bytes.end(), made.address);
  return made;
}

inline Gateways gateways(uint32_t replies_per_second = 0) {
  return {
      {2, 0, 0, 0, 0, 1}, replies_per_second, {gateway(4, 24, "0a0000fe"), gateway(6, 64, "fd0000000000000000000000000000fe")}};
}

}  // namespace vswitch::test
