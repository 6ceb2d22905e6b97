// conntrack: what a packet is to its connection, as Open vSwitch's ct() has it (ovs-actions(7)): sets ct_state, ct_zone and
// ct_mark, makes or changes the connection where asked to commit, and gives packets the addresses that their connection has.
// What a cap refuses is dropped by name.
#pragma once

#include "action/action.h"
#include "state/conntrack.h"

namespace vswitch {

struct ThroughConntrack {
  // Packets with other addresses have them in their keys, too.
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return kEtherType | kIpv4 | kIpv6 | kTransport; }
  static Status check(const Action& action);
  static void append(const Action& action, std::vector<Op>& ops);
  static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
