// Which addresses and ports a new connection may get.
#pragma once

#include <cstdint>

#include "packet/ct_packet.h"
#include "state/ct_nat.h"

namespace vswitch {

inline constexpr uint32_t kCtNatTries = 64;

// What decides between equals, secret: of the address, and of the port.
struct CtNatSeed {
  uint64_t address, port;
};

// Whether the protocol has ports that can be translated.
[[nodiscard]] bool has_ct_ports(uint8_t proto) noexcept;

// What the packet's endpoints become at an attempt (from 0 on); false: there is nothing more to try.
[[nodiscard]] bool translate(const CtNat& nat, const CtTuple& from, const CtNatSeed& seed, uint32_t attempt,
                             CtTuple& to) noexcept;

}  // namespace vswitch
