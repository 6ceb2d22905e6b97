// icmp_reply: the answer of a host that is nothing but a router to what is for itself. An echo request becomes its reply (RFC
// 792, RFC 4443), sent by an output to `in_port`; of TCP and UDP the sender is told that nobody listens. All else is dropped.
#pragma once

#include "action/action.h"

namespace vswitch {

struct IcmpReply {
  static constexpr bool kRewrites = true;
  static HeaderSet headers(const Action&) { return kIpv4 | kIpv6 | kEtherType; }
  static Status check(const Action&) { return {}; }
  static void append(const Action&, std::vector<Op>& ops) { ops.push_back({ActionKind::icmp_reply}); }
  VSWITCH_COLD static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
