// encap: an Ethernet, IP, UDP and tunnel header around the packet (action/tunnel.h). The UDP source port is of the packet's flow,
// so that routers on the way can tell flows apart (RFC 7348, section 5).
#pragma once

#include "action/action.h"

namespace vswitch {

struct Encap {
  static constexpr bool kRewrites = true;
  // Of the packet: its flow, DSCP and ECN. Of what comes out: all that a later action may work on.
  static HeaderSet headers(const Action&) { return kEthernetAddresses | kEtherType | kIpv4 | kIpv6 | kTransport; }
  static Status check(const Action& action);
  static void append(const Action& action, std::vector<Op>& ops);
  static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
