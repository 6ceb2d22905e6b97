// What a router says of packets that it cannot forward: ICMP (RFC 792, RFC 1812) and ICMPv6 (RFC 4443) errors, and its leave to
// answer at all. Costs nothing where packets go their way.
#pragma once

#include "action/action.h"

namespace vswitch {

enum class RouterError : uint8_t { kTimeExceeded, kTooBig, kPortUnreachable };

// Whether the tenant may have one more answer; counts nothing.
bool may_reply(const ActionContext& context) noexcept;

// Sends the error to where the packet came from, from the port's gateway; nothing where there is none, where errors are not sent
// (RFC 1122, section 3.2.2; RFC 4443, section 2.4), or where the packet's headers are not its sender's any more. The packet stays
// the caller's. `mtu` is of the next hop, of kTooBig.
VSWITCH_COLD void send_router_error(const ActionContext& context, uint32_t index, RouterError error, uint32_t mtu = 0) noexcept;

// Drops a packet, whose sender is told where its TTL was at its end.
VSWITCH_COLD void drop_expired(const ActionContext& context, uint32_t index, DropReason reason) noexcept;

}  // namespace vswitch
