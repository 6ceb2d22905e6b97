// Connections as the control thread lists them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "packet/ct_packet.h"
#include "state/ct_limits.h"

namespace vswitch {

// What is not given matches everything. Address and port match either end of either direction.
struct CtFilter {
  std::optional<TenantSlot> slot;
  std::optional<uint16_t> zone;
  std::optional<uint8_t> proto;
  std::optional<uint8_t> family;
  std::optional<uint16_t> port;  // host order
  bool has_address = false;
  uint8_t address_family = 4;
  uint8_t address[16] = {};  // IPv4 in the first 4 bytes
};

struct CtConnection {
  TenantSlot slot;
  uint16_t zone;
  CtTuple original, reply;  // as packets of each direction arrive
  CtState state;
  bool seen_reply, snat, dnat;
  uint32_t mark;
  uint8_t label[16];
  uint32_t timeout_ms;  // that are left
};

struct CtPage {
  uint32_t cursor = 0;  // of the next page; 0: that was the last
  std::vector<CtConnection> connections;
};

struct CtRestored {
  uint32_t restored = 0;
  uint32_t skipped = 0;  // faulty, known already, or over a limit
};

// How many there are, by state; and endpoint-independent mappings, which are entries too.
struct CtStateCounts {
  std::array<uint32_t, kCtStates> states{};
  uint32_t mappings = 0;
};

struct CtUsage {
  uint32_t entries = 0;
  uint32_t capacity = 0;
  uint64_t memory_bytes = 0;
};

}  // namespace vswitch
