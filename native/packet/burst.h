// The packets that are handled together, and what is known of each.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "packet/flow_key.h"

namespace vswitch {

// Where a packet's layers begin, as far as the plan asked; 0: not read or not there.
struct Layers {
  uint16_t ipv4 = 0;
  uint16_t ipv6 = 0;
  uint16_t arp = 0;
  uint16_t transport = 0;
};

static_assert(sizeof(Layers) == 8);

struct Burst {
  uint32_t count = 0;
  PortNumber in_port = 0;
  rte_mbuf* packet[kBurst];
  alignas(64) FlowKey key[kBurst];
  Layers layers[kBurst];
  uint32_t bytes[kBurst];  // of each packet as it was received, without FCS
};

// Indices into a burst.
struct Selection {
  uint32_t count = 0;
  uint8_t index[kBurst];

  VSWITCH_INLINE void add(uint32_t i) noexcept { index[count++] = static_cast<uint8_t>(i); }
};

}  // namespace vswitch
