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

// What actions work on: one packet of a tenant, on one worker.
struct ActionContext {
  const EgressPort* egress;  // indexed by port number
  TxBuffer* tx;
  TrafficCounters* port_counters;  // indexed by port number
  TenantCounters* tenant;
  PortNumber in_port;
  rte_mbuf* packet = nullptr;
  const Layers* layers = nullptr;
};

enum class Step : uint8_t {
  kNext,  // go on with the next op
  kDone,  // the packet was taken or dropped
};

// Counts a lost packet or copy. Frees nothing.
VSWITCH_INLINE void count_drop(TenantCounters& tenant, DropReason reason, uint64_t packets = 1) noexcept {
  tenant.drops[static_cast<uint32_t>(reason)].add(packets);
}

VSWITCH_COLD inline Step drop_packet(const ActionContext& context, DropReason reason) noexcept {
  count_drop(*context.tenant, reason);
  rte_pktmbuf_free(context.packet);
  return Step::kDone;
}

// Six bytes of a MAC address that came as an integer.
inline void store_mac(Value128 mac, uint8_t out[6]) noexcept {
  for (int i = 5; i >= 0; --i, mac >>= 8) out[i] = static_cast<uint8_t>(mac);
}

}  // namespace vswitch
