// What a connection's addresses and ports are to become.
#pragma once

#include <cstdint>

namespace vswitch {

enum class CtNatKind : uint8_t { none, src, dst };

struct CtNat {
  CtNatKind kind = CtNatKind::none;
  uint8_t family = 0;  // 4, 6; packets of the other are not translated
  bool random = false;
  bool persistent = false;               // RFC 4787: the same inside address and port, the same outside address and port
  uint8_t prefix_bits = 0;               // not 0: 1:1, host bits are kept and low is the network
  uint16_t port_low = 0, port_high = 0;  // host order; both 0: as RFC 4787 has it
  uint32_t port_block = 0;               // RFC 7422: ports of an inside address; 0: none
  uint8_t low[16] = {}, high[16] = {};   // as in a packet, IPv4 in the first 4 bytes
};

}  // namespace vswitch
