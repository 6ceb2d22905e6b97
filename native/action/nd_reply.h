// nd_reply: makes of a neighbour solicitation the advertisement that says which MAC address has the address asked for (RFC 4861,
// section 7.2.4), from a router, addressed to who asked. Sent by an output to `in_port`.
#pragma once

#include "action/action.h"

namespace vswitch {

struct NdReply {
  static constexpr bool kRewrites = true;
  static HeaderSet headers(const Action&) { return kEtherType | kIpv6 | kTransport | kNeighbour; }
  static Status check(const Action&) { return {}; }

  static void append(const Action& action, std::vector<Op>& ops) {
    Op op{ActionKind::nd_reply};
    store_mac(action.value, op.bytes);
    ops.push_back(op);
  }

  VSWITCH_COLD static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
