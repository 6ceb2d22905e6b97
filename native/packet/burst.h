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
  uint16_t transport = 0;  // not of a later fragment
  uint16_t nd_option = 0;  // the link-layer address option of neighbour discovery
  uint8_t proto = 0;       // IP protocol of what is at `transport`
  uint8_t tags = 0;        // VLAN tags, at most 2
};

static_assert(sizeof(Layers) == 12);

class WrittenActions;

// The action set of a packet (OpenFlow 1.3.5, section 5.10), as the writes that it consists of, in the order in which they came;
// a later write takes the place of an earlier one of the same kind.
struct ActionSet {
  uint32_t count = 0;
  const WrittenActions* writes[kMaxTables];
};

// Packets of a burst, by their indices.
using PacketSet = uint64_t;
VSWITCH_INLINE constexpr PacketSet packet_bit(uint32_t index) noexcept { return PacketSet{1} << index; }

struct Burst {
  uint32_t count = 0;
  PortNumber in_port = 0;
  rte_mbuf* packet[kBurst];
  alignas(64) FlowKey key[kBurst];
  Layers layers[kBurst];
  uint32_t bytes[kBurst];  // of each packet as it was received, without FCS
  uint64_t all_bytes = 0;
  PacketSet sent = 0;         // were output somewhere, so that their end is no drop
  PacketSet written = 0;      // have an action set
  PacketSet tunnelled = 0;    // have got, or lost, the headers of a tunnel
  uint8_t resubmits[kBurst];  // of each packet
  ActionSet action_set[kBurst];
};

static_assert(kBurst <= 8 * sizeof(PacketSet));

// Indices into a burst.
struct Selection {
  uint32_t count = 0;
  uint8_t index[kBurst];

  VSWITCH_INLINE void add(uint32_t i) noexcept { index[count++] = static_cast<uint8_t>(i); }
};

}  // namespace vswitch
