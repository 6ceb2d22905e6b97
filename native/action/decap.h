// decap: the outer Ethernet, IP, UDP and tunnel header off (action/tunnel.h), for the VNIs that the rule names; the packet's
// tunnel_id is then its VNI. Every length is checked against the real bytes.
#pragma once

#include "action/action.h"

namespace vswitch {

struct Decap {
  static constexpr bool kRewrites = true;
  // Of the packet, and of what comes out: its ECN, and all that a later action may work on.
  static HeaderSet headers(const Action&) { return kEthernetAddresses | kEtherType | kIpv4 | kIpv6 | kTransport; }
  static Status check(const Action& action);
  static void append(const Action& action, std::vector<Op>& ops);
  static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
