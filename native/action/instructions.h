// goto_table and write_metadata: instructions of OpenFlow 1.3.5, section 5.9, which come after a rule's actions. resubmit: as
// goto_table, to any table, as often as a packet may (ovs-actions(7)).
#pragma once

#include "action/action.h"

namespace vswitch {

// Not an op: the program keeps the table.
struct GotoTable {
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return 0; }
  static Status check(const Action& action) {
    if (action.argument > 0 && action.argument < kMaxTables) return {};
    return error(ErrorCode::BAD_TRANSACTION, "goto_table " + std::to_string(action.argument));
  }
  static void append(const Action&, std::vector<Op>&) {}
  static void apply(const ActionContext&, const Op&, Selection&) noexcept {}
};

struct Resubmit : GotoTable {
  static Status check(const Action& action) {
    if (action.argument < kMaxTables) return {};
    return error(ErrorCode::BAD_TRANSACTION, "resubmit to table " + std::to_string(action.argument));
  }
};

struct WriteMetadata {
  struct Payload {
    uint32_t mask[2];
  };
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return 0; }
  static Status check(const Action&) { return {}; }

  static void append(const Action& action, std::vector<Op>& ops) {
    // Keys are in network byte order.
    const uint64_t value = __builtin_bswap64(static_cast<uint64_t>(action.value));
    const uint64_t mask = __builtin_bswap64(static_cast<uint64_t>(action.value >> 64));
    Op op{ActionKind::write_metadata};
    memcpy(op.bytes, &value, sizeof value);
    Payload payload;
    memcpy(payload.mask, &mask, sizeof mask);
    append_op(ops, op, payload);
  }

  static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
    uint64_t value;
    uint64_t mask;
    memcpy(&value, op.bytes, sizeof value);
    memcpy(&mask, op.payload<Payload>().mask, sizeof mask);
    for (uint32_t i = 0; i < packets.count; ++i) {
      uint64_t& metadata = context.burst.key[packets.index[i]].metadata;
      metadata = (metadata & ~mask) | (value & mask);
    }
  }
};

}  // namespace vswitch
