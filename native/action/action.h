// An action as it was decoded, and what an action's own file gives to the program.
#pragma once

#include <cstdint>

#include "base/hot.h"
#include "base/status.h"
#include "meter/counters.h"
#include "packet/burst.h"
#include "packet/fields.h"
#include "port/tx_buffer.h"

namespace vswitch {

// Must agree with src/model/action.ts; compared when the addon is loaded.
#define VSWITCH_ACTIONS(X) \
  X(output, Output)        \
  X(drop, Drop)            \
  X(set_field, SetField)   \
  X(dec_ttl, DecTtl)       \
  X(arp_reply, ArpReply)

enum class ActionKind : uint8_t {
#define X(name, type) name,
  VSWITCH_ACTIONS(X)
#undef X
};

struct Action {
  ActionKind kind;
  uint16_t argument = 0;
  Value128 value = 0;
};

// One step of a compiled action program.
struct Op {
  ActionKind kind;
  uint8_t flags = 0;
  uint16_t argument = 0;
  uint8_t bytes[12] = {};
};

static_assert(sizeof(Op) == 16);

struct EgressPort {
  uint16_t device = 0;
  bool open = false;
};

// What actions work on: packets of a burst that hit the same rule of a tenant, on one worker. An action takes the packets that it
// drops, and the last one all, out of the selection.
struct ActionContext {
  Burst& burst;
  const EgressPort* egress;  // indexed by port number
  TxBuffer& tx;
  TrafficCounters* port_counters;  // indexed by port number
  TenantCounters& tenant;
};

// Counts lost packets or copies. Frees nothing.
VSWITCH_INLINE void count_drop(TenantCounters& tenant, DropReason reason, uint64_t packets = 1) noexcept {
  tenant.drops[static_cast<uint32_t>(reason)].add(packets);
}

VSWITCH_COLD inline void drop_packet(const ActionContext& context, uint32_t index, DropReason reason) noexcept {
  count_drop(context.tenant, reason);
  rte_pktmbuf_free(context.burst.packet[index]);
}

VSWITCH_COLD inline void drop_all(const ActionContext& context, Selection& packets, DropReason reason) noexcept {
  for (uint32_t i = 0; i < packets.count; ++i) drop_packet(context, packets.index[i], reason);
  packets.count = 0;
}

// Keeps the packets for which `change` returns nothing, drops the others under the reason it returns.
template <typename Change>
VSWITCH_INLINE void for_each_packet(const ActionContext& context, Selection& packets, Change change) noexcept {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint8_t index = packets.index[i];
    const DropReason* reason = change(rte_pktmbuf_mtod(context.burst.packet[index], uint8_t*), context.burst.layers[index]);
    packets.index[kept] = index;
    kept += reason == nullptr;
    if (__builtin_expect(reason != nullptr, 0)) drop_packet(context, index, *reason);
  }
  packets.count = kept;
}

// To point at from such a change.
inline constexpr DropReason kTtlExpired = DropReason::ttl_expired;
inline constexpr DropReason kActionWithoutHeader = DropReason::action_without_header;

// Six bytes of a MAC address that came as an integer.
inline void store_mac(Value128 mac, uint8_t out[6]) noexcept {
  for (int i = 5; i >= 0; --i, mac >>= 8) out[i] = static_cast<uint8_t>(mac);
}

}  // namespace vswitch
