// Translated connections for tests.
#pragma once

#include <utility>

#include "state/tracked.h"

namespace vswitch::test {

inline constexpr uint32_t kOutside = 0xc0000201;
inline constexpr uint32_t kServer = 0x08080808;

inline CtNat source(uint32_t low, uint32_t high, uint16_t port_low = 0, uint16_t port_high = 0) {
  CtNat nat;
  nat.kind = CtNatKind::src;
  nat.family = 4;
  set_address(nat.low, low);
  set_address(nat.high, high);
  nat.port_low = port_low;
  nat.port_high = port_high;
  return nat;
}

struct Translated : Tracked {
  explicit Translated(const CtNat& nat, const CtOptions& options = Tracked::options(1000)) : Tracked(options) {
    request.nat = true;
    request.range = nat;
  }
  // The outside address and port of a new connection.
  std::pair<uint32_t, uint16_t> outside(const CtTuple& tuple) {
    const CtResult result = track(packet(tuple));
    REQUIRE(result.verdict == CtVerdict::ok);
    REQUIRE(result.translate);
    uint32_t address = 0;
    for (uint32_t i = 0; i < 4; ++i) address = address << 8 | result.to.src[i];
    return {address, wire(result.to.src_port)};
  }
};

inline CtTuple client(uint32_t host, uint16_t port, uint16_t to = 53) { return tuple(17, 0x0a000000 + host, port, kServer, to); }

}  // namespace vswitch::test
