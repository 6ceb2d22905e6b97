// The action conntrack, as src/switch/codec.ts writes it.
#pragma once

#include "support/hex.h"
#include "support/rules.h"

namespace vswitch::test {

struct Ct {
  uint16_t zone = 0;
  uint8_t flags = 0;  // 1 commit, 2 nat, 4 source range, 8 destination range, 16 random, 32 persistent
  uint8_t family = 0;
  uint32_t mark = 0, mark_mask = 0;
  uint16_t port_low = 0, port_high = 0;
  uint32_t port_block = 0;
  uint8_t prefix_bits = 0;
  Bytes low = {}, high = {};
};

inline constexpr uint8_t kCommit = 1;
inline constexpr uint8_t kNat = 2;
inline constexpr uint8_t kSourceRange = 4;
inline constexpr uint8_t kDestinationRange = 8;

inline Action conntrack(const Ct& ct) {
  Action action = act(ActionKind::conntrack);
  const auto add = [&](uint64_t value, int bytes) {
    for (; bytes > 0; --bytes, value >>= 8) action.payload.push_back(static_cast<uint8_t>(value));
  };
  const auto add_address = [&](Bytes bytes) {
    bytes.resize(16);
    action.payload.insert(action.payload.end(), bytes.begin(), bytes.end());
  };
  add(ct.zone, 2), add(ct.flags, 1), add(ct.family, 1);
  add(ct.mark, 4), add(ct.mark_mask, 4);
  add(ct.port_low, 2), add(ct.port_high, 2), add(ct.port_block, 4);
  add(ct.prefix_bits, 4);
  add_address({}), add_address({});
  add_address(ct.low), add_address(ct.high.empty() ? ct.low : ct.high);
  return action;
}

}  // namespace vswitch::test
