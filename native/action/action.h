// An action as it was decoded, and what an action's own file gives to the program.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "base/hot.h"
#include "base/random.h"
#include "base/status.h"
#include "meter/counters.h"
#include "packet/burst.h"
#include "packet/fields.h"
#include "packet/parse_plan.h"
#include "port/tx_buffer.h"

namespace vswitch {

// Must agree with src/model/action.ts; compared when the addon is loaded.
#define VSWITCH_ACTIONS(X)         \
  X(output, Output)                \
  X(drop, Drop)                    \
  X(set_field, SetField)           \
  X(dec_ttl, DecTtl)               \
  X(arp_reply, ArpReply)           \
  X(push_vlan, PushVlan)           \
  X(pop_vlan, PopVlan)             \
  X(group, ToGroup)                \
  X(meter, ThroughMeter)           \
  X(mirror, Mirror)                \
  X(encap, Encap)                  \
  X(decap, Decap)                  \
  X(goto_table, GotoTable)         \
  X(write_metadata, WriteMetadata) \
  X(write_actions, WriteActions)   \
  X(clear_actions, ClearActions)   \
  X(conntrack, ThroughConntrack)   \
  X(nd_reply, NdReply)             \
  X(icmp_reply, IcmpReply)         \
  X(punt, Punt)                    \
  X(resubmit, Resubmit)

enum class ActionKind : uint8_t {
#define X(name, type) name,
  VSWITCH_ACTIONS(X)
#undef X
};

// As src/switch/codec.ts describes it.
struct Action {
  ActionKind kind;
  uint16_t argument = 0;
  Value128 value = 0;
  std::vector<uint8_t> payload;
  std::vector<Action> actions;  // of write_actions
};

// One step of a compiled action program; what does not fit follows in the next `extra` places.
struct Op {
  ActionKind kind;
  uint8_t flags = 0;
  uint8_t extra = 0;
  uint8_t field = 0;
  uint32_t argument = 0;
  uint8_t bytes[8] = {};

  // What follows the op.
  template <typename T>
  [[nodiscard]] VSWITCH_INLINE const T& payload() const noexcept {
    return *reinterpret_cast<const T*>(this + 1);
  }
};

static_assert(sizeof(Op) == 16);

// Flag of an output or group: nothing follows that concerns anybody, so that the packet itself may go, unless it has an action
// set.
inline constexpr uint8_t kLastOp = 1;
// Flag of an encap: only outputs follow, so that the new headers are read by nobody, unless the packet has an action set. Its
// argument is the port of the first of them.
inline constexpr uint8_t kUnread = 2;

// Appends an op with a payload.
template <typename T>
void append_op(std::vector<Op>& ops, Op op, const T& payload) {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(Op));
  op.extra = static_cast<uint8_t>((sizeof payload + sizeof(Op) - 1) / sizeof(Op));
  ops.push_back(op);
  const size_t at = ops.size();
  ops.resize(at + op.extra, Op{op.kind});
  memcpy(static_cast<void*>(&ops[at]), &payload, sizeof payload);
}

// The ports of a tenant, to which it floods.
struct FloodPorts {
  uint16_t count = 0;
  uint8_t port[kMaxPort];
};

class ConntrackWorker;
class CycleMeter;
class GroupTable;
class MeterTable;
class PuntLane;
class ReplyLimiter;
struct GroupScratch;

// What actions work on: packets of a burst that hit the same rule of a tenant, on one worker. An action takes the packets that it
// drops, and the last one all, out of the selection.
struct ActionContext {
  Burst& burst;
  const EgressPort* egress;         // indexed by port number
  const Gateways* const* gateways;  // indexed by port number; null: what comes in by it is not answered
  TxBuffer& tx;
  TrafficCounters* port_counters;  // indexed by port number
  TenantCounters& tenant;
  const ParsePlan& plan;  // what is read of the ingress port's packets, to read it anew
  const FloodPorts& flood;
  const GroupTable& groups;
  const MeterTable& meters;
  Counters& counters;
  Random& random;
  GroupScratch* scratch;                 // of the next depth of groups
  bool is_trial = false;                 // an imagined packet, which leaves meters and connections as they were
  TenantSlot slot = kUplinkSlot;         // of the tenant
  const CycleMeter* meter = nullptr;     // whose last stamp is the time of connections
  ConntrackWorker* conntrack = nullptr;  // null: no connections are kept
  ReplyLimiter* replies = nullptr;       // null: every packet that may be answered is
  PuntLane* punt = nullptr;              // null: the tenant has no plugin that listens
  uint32_t worker = 0;
};

// To point at.
inline constexpr DropReason kTtlExpired = DropReason::ttl_expired;
inline constexpr DropReason kActionWithoutHeader = DropReason::action_without_header;
inline constexpr DropReason kNoHeadroom = DropReason::no_headroom;
inline constexpr DropReason kMtuExceeded = DropReason::mtu_exceeded;
inline constexpr DropReason kTooManySegments = DropReason::too_many_segments;
inline constexpr DropReason kMalformedHeader = DropReason::malformed_header;
inline constexpr DropReason kHeaderSplit = DropReason::header_split;
inline constexpr DropReason kNotATunnel = DropReason::not_a_tunnel;
inline constexpr DropReason kUnknownVni = DropReason::unknown_vni;
inline constexpr DropReason kReplyRateExceeded = DropReason::reply_rate_exceeded;
inline constexpr DropReason kNoService = DropReason::no_service;

// Counts lost packets or copies. Frees nothing.
VSWITCH_INLINE void count_drop(TenantCounters& tenant, DropReason reason, uint64_t packets = 1) noexcept {
  tenant.drops[static_cast<uint32_t>(reason)].add(packets);
}

VSWITCH_INLINE void drop_packet(const ActionContext& context, uint32_t index, DropReason reason) noexcept {
  count_drop(context.tenant, reason);
  context.tx.discard(context.burst.packet[index]);
}

VSWITCH_INLINE void drop_all(const ActionContext& context, Selection& packets, DropReason reason) noexcept {
  count_drop(context.tenant, reason, packets.count);
  for (uint32_t i = 0; i < packets.count; ++i) context.tx.discard(context.burst.packet[packets.index[i]]);
  packets.count = 0;
}

// Whether the packet has at most the MTU behind its Ethernet header and VLAN tags.
inline bool within_mtu(const EgressPort& egress, const rte_mbuf* packet) noexcept {
  uint32_t most = egress.max_bytes;
  const auto* const bytes = rte_pktmbuf_mtod(packet, const uint8_t*);
  for (uint32_t at = kEthernetBytes - 2; at + kVlanBytes <= packet->data_len && at <= kEthernetBytes + kVlanBytes;
       at += kVlanBytes) {
    const auto type = static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
    if (type != kTypeVlan && type != kTypeQinq) break;
    most += kVlanBytes;
  }
  return rte_pktmbuf_pkt_len(packet) <= most;
}

// Why the port cannot take the packet, whose segments are made one where they must be; null: it can.
VSWITCH_COLD inline const DropReason* unfit(const EgressPort& egress, rte_mbuf* packet) noexcept {
  if (!within_mtu(egress, packet)) return &kMtuExceeded;
  if (packet->nb_segs <= egress.max_segments || rte_pktmbuf_linearize(packet) == 0) return nullptr;
  return &kTooManySegments;
}

// Keeps the packets for which `change` of their index returns nothing, drops the others under the reason it returns.
template <typename Change>
VSWITCH_INLINE void for_each_index(const ActionContext& context, Selection& packets, Change change) noexcept {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint8_t index = packets.index[i];
    const DropReason* reason = change(index);
    packets.index[kept] = index;
    kept += reason == nullptr;
    if (__builtin_expect(reason != nullptr, 0)) drop_packet(context, index, *reason);
  }
  packets.count = kept;
}

// The same for a change of a packet's headers.
template <typename Change>
VSWITCH_INLINE void for_each_packet(const ActionContext& context, Selection& packets, Change change) noexcept {
  Burst& burst = context.burst;
  for_each_index(context, packets, [&burst, &change](uint32_t index) -> const DropReason* {
    return change(rte_pktmbuf_mtod(burst.packet[index], uint8_t*), burst.layers[index]);
  });
}

// Six bytes of a MAC address that came as an integer.
inline void store_mac(Value128 mac, uint8_t out[6]) noexcept {
  for (int i = 5; i >= 0; --i, mac >>= 8) out[i] = static_cast<uint8_t>(mac);
}

}  // namespace vswitch
